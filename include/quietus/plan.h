// SPDX-License-Identifier: GPL-3.0-or-later
// Plan: what would be done to what, and every interlock's answer. A value: printed by --dry-run,
// run by the engine, cited by the certificate. Making one writes nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/effectiveness.h"
#include "quietus/platform.h"
#include "quietus/result.h"
#include "quietus/scheme.h"

namespace quietus {

/// What a target is: all PATHs of one `files` command together, or one disk image.
enum class TargetKind { files, image };

[[nodiscard]] std::string_view name_of(TargetKind kind);

enum class VerifyMode { full, none };

[[nodiscard]] std::string_view name_of(VerifyMode mode);

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
  std::string keystream;  ///< backend name
  bool recursive = false;
  bool keep = false;         ///< overwrite, but leave names
  bool best_effort = false;  ///< also where overwriting can't be effective
  bool withhold_final_key = false;
};

/// One thing named by the user, as it was when the plan was made.
struct Root {
  std::string path;
  Identity identity;
  NodeKind kind = NodeKind::regular;
  std::uint64_t size_bytes = 0;
  FileSystemFacts file_system;
  std::vector<Obstacle> obstacles;
};

struct Target {
  TargetKind kind = TargetKind::files;
  std::vector<Root> roots;  ///< of an image: one
};

struct Plan {
  Rules rules;
  std::vector<Target> targets;    ///< without what was refused
  std::vector<Finding> findings;  ///< in the order of the arguments; nothing said means ok

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
  TargetKind kind = TargetKind::files;
  std::vector<std::string> paths;
  Rules rules;
  std::vector<OwnPlace> own_places;
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

/// One regular file, opened and asked everything that decides whether and how it is destroyed. Used
/// by the plan for what the user named and by the engine for what it opens, so that both ask the
/// same.
struct Examination {
  std::unique_ptr<Medium> medium;  ///< open for reading and writing; null if refused
  Attributes attributes;
  FileSystemFacts file_system;
  std::optional<std::vector<Placement>> placements;  ///< none: the file system does not tell
  std::vector<Obstacle> obstacles;
  std::vector<Finding> findings;  ///< warnings and refusals

  [[nodiscard]] bool refused() const;
};

/// Why a file is examined, which decides how it is opened: for reading only where it would not be
/// written, since on a layered file system the opening for writing already copies.
enum class Purpose {
  look,              ///< for a plan
  overwrite,         ///< unless there are obstacles
  overwrite_anyway,  ///< in spite of obstacles
};

/// `path` is for messages.
[[nodiscard]] Examination examine_file(Platform& platform, Directory& directory,
                                       const std::string& name, const std::string& path,
                                       Purpose purpose);

}  // namespace quietus
