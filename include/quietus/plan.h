// SPDX-License-Identifier: GPL-3.0-or-later
// Plan: what would be done to what, and every interlock's answer. A value: printed by --dry-run,
// run by the engine, cited by the certificate. Making one writes nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/declarations.h"
#include "quietus/effectiveness.h"
#include "quietus/method.h"
#include "quietus/platform.h"
#include "quietus/policy.h"
#include "quietus/result.h"
#include "quietus/scheme.h"

namespace quietus {

/// What a target is: all PATHs of one `files` command together, one disk image, one block device (a
/// whole drive, a partition, a loop device), or the free space of the file system of one directory.
enum class TargetKind { files, image, drive, free_space };

[[nodiscard]] std::string_view name_of(TargetKind kind);

enum class VerifyMode {
  full,
  sample,  ///< after the last pass, a random sample (see sampling.h)
  none
};

[[nodiscard]] std::string_view name_of(VerifyMode mode);

/// How a name is hidden before it is removed.
enum class NameMode {
  plain,    ///< one rename, to a random name of the same length
  thorough  ///< then one to each shorter length
};

[[nodiscard]] std::string_view name_of(NameMode mode);

/// What becomes of a file with several names (hard links).
enum class LinkMode {
  refuse,
  all,       ///< destroyed, if all of its names lie in what was named; they all go
  only_name  ///< the name goes, the data stays reachable by the others
};

[[nodiscard]] std::string_view name_of(LinkMode mode);

/// An interlock's answer about one object.
struct Finding {
  enum class Level { ok, warning, refusal };
  Level level = Level::ok;
  std::string code;    ///< stable, see quietus(1)
  std::string object;  ///< path
  std::string text;
  std::string hint = {};
};

[[nodiscard]] std::string_view name_of(Finding::Level level);

/// How to destroy, the same for every target.
struct Rules {
  Scheme scheme;
  std::uint32_t rounds = 1;
  VerifyMode verify = VerifyMode::full;
  std::uint32_t sample_ppm = 0;  ///< with `sample`: the least share to read back, parts per million
  std::string keystream;         ///< backend name
  bool recursive = false;
  bool keep = false;         ///< overwrite, but leave names
  bool best_effort = false;  ///< also where overwriting can't be effective
  bool withhold_final_key = false;
  bool allow_member = false;          ///< also members of RAID, LVM, ZFS, bcache by signature
  std::uint32_t stall_timeout_s = 0;  ///< without any progress; 0: waits for ever
  std::uint64_t minimum_bytes_per_second = 0;  ///< slower drives are given up; 0: no drive is

  // Of drives.
  std::optional<Method> method =
      Method::overwrite;          ///< none: chosen for each by the policy's order
  bool then_overwrite = false;    ///< after the method, the scheme's passes with their verification
  bool keep_hidden_area = false;  ///< leave HPA, AMAC and DCO as they are
  bool allow_usb_security = false;       ///< ATA security commands through a USB bridge
  bool allow_unrestricted_exit = false;  ///< AUSE: a drive whose sanitize fails may be used again
  bool allow_format_unit = false;        ///< SCSI FORMAT UNIT, the last resort
  bool with_siblings = false;  ///< also what shares subsystem or target and holds something

  // Of files.
  NameMode names = NameMode::plain;
  LinkMode links = LinkMode::refuse;
  bool clear_attributes = false;  ///< take "immutable", "append-only" and write protection off
  bool deep = false;  ///< also what metadata keeps: names, attributes, inline and journalled copies
  bool chase = false;  ///< fill free space until the blocks that held the data are used anew

  // Of free space.
  bool slack = false;  ///< also behind the ends of live files
  bool prove = false;  ///< plant marks before, look for them on the block device afterwards
  bool to_the_last_block = false;
  /// Left free; none: on the file systems of / and /var the larger of kReserveBytes and 1 %, on
  /// others nothing.
  std::optional<std::uint64_t> reserve_bytes = {};
};

/// So much of the running system's file systems is left free by default.
inline constexpr std::uint64_t kReserveBytes = std::uint64_t{64} << 20U;

/// How the user said which drives are meant. `--yes` alone is never enough for a device.
struct DriveBinding {
  std::vector<std::string> serials;  ///< --expect-serial, each once
  std::vector<std::string> wwns;     ///< --expect-wwn
  std::vector<std::uint64_t> sizes;  ///< --expect-size, for devices with neither
  bool asked_in_person = false;      ///< a person is asked, or nothing is written (--dry-run)
};

/// One thing named by the user, as it was when the plan was made. A block device's identity is its
/// number, with the number of its disk since boot in the place of the inode.
struct Root {
  std::string path;
  Identity identity;
  NodeKind kind = NodeKind::regular;
  std::uint64_t size_bytes = 0;
  FileSystemFacts file_system;
  std::vector<Obstacle> obstacles;
  std::optional<DeviceFacts> device;  ///< of a block device
};

/// Why a method was not taken.
struct SkippedMethod {
  Method method = Method::overwrite;
  std::string why;  ///< a sentence
};

/// By what a drive is sanitized, and why.
struct MethodChoice {
  Method method = Method::overwrite;
  bool automatic = false;              ///< chosen by the policy's order, not by the user
  std::string why;                     ///< a sentence
  std::vector<SkippedMethod> skipped;  ///< those that come before it in that order
};

struct Target {
  TargetKind kind = TargetKind::files;
  std::vector<Root> roots;   ///< of an image or a drive: one
  MethodChoice choice = {};  ///< of a drive
};

struct Plan {
  Rules rules;
  std::vector<Target> targets;    ///< without what was refused
  std::vector<Finding> findings;  ///< in the order of the arguments; nothing said means ok
  Declarations declarations;
  /// What each policy says beforehand, a list for each target.
  std::vector<std::vector<PolicyDecision>> policies;

  [[nodiscard]] bool refused() const;
};

/// A place of our own that no target may be, hold or (state) lie in.
struct OwnPlace {
  std::string path;
  std::string what;                        ///< "the state folder"
  bool exclusive = false;                  ///< everything below it is ours...
  std::vector<std::string> suffixes = {};  ///< ...or, if there are any, what is called so
};

struct Request {
  TargetKind kind = TargetKind::files;  ///< files, or image: then a path may also be a block device
  std::vector<std::string> paths;
  Rules rules;
  std::vector<OwnPlace> own_places;
  DriveBinding binding = {};
  Declarations declarations = {};
  /// Asks a drive's firmware; none: nobody does, and all of it is unknown.
  std::function<DriveAbilities(const DeviceFacts& device)> survey = {};
  /// The methods in the policy's order for what a drive is; none: overwriting only.
  std::function<std::vector<Method>(const DeviceFacts& device)> order = {};
  std::string psid = {};  ///< whether it is there decides about opal_psid; never in the plan
};

/// Looks at every path and answers every interlock. Never fails: what can't be looked at is a
/// refusal.
[[nodiscard]] Plan make_plan(const Request& request, Platform& platform);

/// Compares the targets with what they are now, right before the first write. Empty: nothing
/// changed.
[[nodiscard]] std::vector<Finding> recheck(const Plan& plan, Platform& platform);

/// The plan as JSON: one object, pretty-printed.
[[nodiscard]] std::string to_json(const Plan& plan);

/// What a person calls the target: its path, or of several the first and how many more.
[[nodiscard]] std::string title_of(const Target& target);

}  // namespace quietus
