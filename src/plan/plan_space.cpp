// SPDX-License-Identifier: GPL-3.0-or-later
// What speaks against filling a file system, and what a fill can't reach there.
#include "plan/plan_space.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::array<std::string_view, 4> kInMemory{"tmpfs", "ramfs", "devtmpfs", "hugetlbfs"};
constexpr std::size_t kDeepestDevice = 8;

class SpaceExaminer {
 public:
  SpaceExaminer(const SpaceDirectory& named, const Rules& rules, Platform& platform)
      : named_(named), rules_(rules), platform_(platform) {}

  std::vector<Finding> run() {
    check_file_system();
    check_rights();
    check_devices();
    check_limits();
    describe();
    return std::move(findings_);
  }

 private:
  void add(Finding::Level level, const char* code, std::string text, std::string hint = {}) {
    findings_.push_back({level, code, named_.path, std::move(text), std::move(hint)});
  }
  void refuse(const char* code, std::string text, std::string hint = {}) {
    add(Finding::Level::refusal, code, std::move(text), std::move(hint));
  }
  void warn(const char* code, std::string text, std::string hint = {}) {
    add(Finding::Level::warning, code, std::move(text), std::move(hint));
  }

  void check_file_system() {
    const FileSystemFacts& facts = named_.file_system;
    if (std::find(kInMemory.begin(), kInMemory.end(), facts.type) != kInMemory.end()) {
      return refuse("no_medium", "lies on " + facts.type + ": there is nothing but memory",
                    "a restart clears it; swap areas are drives of their own");
    }
    const bool foreign = facts.remote || facts.in_place == InPlace::remote ||
                         facts.in_place == InPlace::layered || facts.in_place == InPlace::unknown;
    if (foreign && !rules_.best_effort) {
      refuse("placement_unknown",
             "lies on " + facts.type + ", which does not tell where it puts what is written",
             "--best-effort fills it all the same, and the outcome says that it is not proven");
    } else if (foreign) {
      warn("placement_unknown",
           "lies on " + facts.type + ", which does not tell where it puts what is written");
    }
    if (facts.in_place == InPlace::no_cow || facts.in_place == InPlace::copy_on_write) {
      warn("metadata_not_reached",
           "names, attributes and small files that were deleted stay in the metadata of " +
               facts.type + ", which is not reached");
    }
  }

  void check_rights() {
    if (has_option("ro")) return refuse("read_only", "is on a file system mounted read-only");
    const Result<Attributes> seen = named_.directory.attributes();
    if (seen && seen->immutable) refuse("immutable", "is marked immutable");
    const Account account = platform_.account();
    if (account.uid == 0) return;
    constexpr std::uint32_t kOthersWrite = 0022;  // whose groups these are is not known here
    if (seen && seen->owner != account.uid && (seen->mode & kOthersWrite) == 0) {
      refuse("no_permission", "can't be written to by this account");
    }
    warn("not_root",
         "space that is kept for root, blocks that the file system keeps back and the block device "
         "itself are out of reach of this account",
         "run it as root");
  }

  [[nodiscard]] bool has_option(std::string_view option) const {
    std::string_view rest = named_.file_system.options;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (rest.substr(0, comma) == option) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return false;
  }

  /// What grows when all of it is written: files and memory that hold less than they seem to.
  void check_devices() {
    const auto below = platform_.devices_below(named_.directory);
    const auto all = below ? platform_.devices() : Result<std::vector<DeviceFacts>>(below.error());
    if (!all) return;
    for (const std::uint64_t number : *below) check_device(number, *all);
  }

  void check_device(std::uint64_t number, const std::vector<DeviceFacts>& all) {
    for (std::size_t depth = 0; depth < kDeepestDevice; ++depth) {
      const auto device = std::find_if(all.begin(), all.end(), [number](const DeviceFacts& one) {
        return one.number == number;
      });
      if (device == all.end()) return;
      const std::string why = growth_of(*device);
      if (!why.empty()) {
        return warn("backing_grows", why + ", which takes up to as much space as it seems to have");
      }
      if (device->disk_number == number || device->disk_number == 0) return;
      number = device->disk_number;
    }
  }

  [[nodiscard]] static std::string growth_of(const DeviceFacts& device) {
    if (device.kind == DeviceKind::zram) return "lies in memory (" + device.path + ")";
    if (!device.backing_file.empty()) {
      return "lies in the file " + device.backing_file + " (" + device.path + ")";
    }
    if (device.kind == DeviceKind::device_mapper) {
      return "lies on " + device.path + ": if that is thin, it grows";
    }
    return {};
  }

  void check_limits() {
    if (!named_.file_system.mount_root) {
      warn("part_of_file_system",
           std::string("is not the top of its file system: all free space is filled, but names") +
               (rules_.slack ? " and the ends of live files" : "") + " are done below it only",
           named_.file_system.mount_point.empty() ? "" : "name " + named_.file_system.mount_point);
    }
    const auto snapshots = platform_.snapshots_of(named_.directory);
    if (snapshots && !snapshots->empty()) {
      warn("snapshots_keep_blocks",
           std::to_string(snapshots->size()) +
               " snapshots keep blocks of deleted files, which are not free",
           "delete them first: " + snapshots->front());
    }
    if (rules_.verify == VerifyMode::none) return;
    if (named_.file_system.journals_data && platform_.account().uid != 0) {
      warn("no_direct_reads",
           "can't be read back past the system's cache, since all data goes "
           "through the journal: the result will be unverified");
    }
  }

  void describe() {
    const Result<SpaceFacts> space = named_.directory.space();
    const std::uint64_t free = space ? space->free_bytes : named_.file_system.free_bytes;
    add(Finding::Level::ok, "fills_free_space",
        "fills all free space of the " + named_.file_system.type + " file system " +
            named_.file_system.source + ": " + human_bytes(free) +
            "; meanwhile other programs find no room there");
  }

  const SpaceDirectory& named_;
  const Rules& rules_;
  Platform& platform_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> examine_space(const SpaceDirectory& named, const Rules& rules,
                                   Platform& platform) {
  return SpaceExaminer(named, rules, platform).run();
}

}  // namespace quietus
