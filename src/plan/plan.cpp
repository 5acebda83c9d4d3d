// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a plan: looks at every named path, answers the interlocks, and groups what passed into
// targets.
#include "quietus/plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "quietus/examine.h"

#include "plan/attached.h"
#include "plan/drive_binding.h"
#include "plan/drive_method.h"
#include "plan/examine_method.h"
#include "plan/method_choice.h"
#include "plan/own_places.h"
#include "plan/plan_space.h"

namespace quietus {
namespace {

Finding refusal(std::string code, const std::string& path, std::string text,
                std::string hint = {}) {
  return {Finding::Level::refusal, std::move(code), path, std::move(text), std::move(hint)};
}

/// A root that passed so far, and where it lies.
struct Candidate {
  Root root;
  Chain chain;
  std::string name;          ///< in the directory that holds it
  MethodChoice choice = {};  ///< of a block device
};

/// Collects candidates and findings for one request.
class Planner {
 public:
  Planner(const Request& request, Platform& platform)
      : request_(request), platform_(platform), own_places_(request.own_places, platform) {}

  Plan make() {
    plan_.rules = request_.rules;
    if (request_.kind == TargetKind::image) attached_.emplace(platform_);
    for (const std::string& path : request_.paths) {
      if (!consider_device(path)) consider(path);
    }
    refuse_overlaps();
    refuse_wrong_drives();
    group();
    return std::move(plan_);
  }

 private:
  /// False: it isn't a block device, or none is wanted. Links are followed, since stable names of
  /// drives are links.
  bool consider_device(const std::string& path) {
    if (!attached_) return false;
    Result<DeviceFacts> facts = platform_.inspect_device(path);
    if (!facts) {
      if (facts.error().code == Errc::unsupported) return false;
      plan_.findings.push_back(refusal(code_of(facts.error()), path, facts.error().what));
      return true;
    }
    Candidate candidate;
    const bool has_key_header = begins_with_key_header(*facts);
    candidate.root = root_of(path, attached_->with_partitions(std::move(*facts)));
    DeviceFacts& device = *candidate.root.device;
    const std::size_t before = plan_.findings.size();
    add(examine(path, device));
    check_attached(path, device);
    check_own_places(path, device);
    SettledMethod settled =
        settle_method({path, device, has_key_header, refused_since(before)}, request_, *attached_);
    add(std::move(settled.findings));
    candidate.choice = std::move(settled.choice);
    named_.push_back({path, {}, device, candidate.choice});
    if (!refused_since(before)) candidates_.push_back(std::move(candidate));
    return true;
  }

  /// A drive that can't be read may be at a sanitize or after one, which only itself tells.
  std::vector<Finding> examine(const std::string& path, DeviceFacts& device) {
    std::vector<Finding> found = examine_device(path, device, request_.rules);
    const bool hinders = std::any_of(found.begin(), found.end(), [](const Finding& finding) {
      return finding.level == Finding::Level::refusal && finding.code != "content_unknown";
    });
    if (hinders || device.content) return found;
    ask_drive(device, request_);
    return examine_device(path, device, request_.rules);
  }

  [[nodiscard]] static std::string code_of(const Error& error) {
    if (error.code == Errc::permission) return "no_permission";
    return error.code == Errc::not_found ? "not_found" : "unreadable";
  }

  [[nodiscard]] static Root root_of(const std::string& path, DeviceFacts facts) {
    Root root;
    root.path = path;
    root.identity = {facts.number, facts.sequence, 0};
    root.kind = NodeKind::block_device;
    root.size_bytes = facts.size_bytes;
    root.device = std::move(facts);
    return root;
  }

  void add(std::vector<Finding> findings) {
    for (Finding& finding : findings) plan_.findings.push_back(std::move(finding));
  }

  [[nodiscard]] bool refused_since(std::size_t before) const {
    return std::any_of(
        plan_.findings.begin() + static_cast<std::ptrdiff_t>(before), plan_.findings.end(),
        [](const Finding& finding) { return finding.level == Finding::Level::refusal; });
  }

  void check_attached(const std::string& path, const DeviceFacts& device) {
    if (attached_->problem()) refuse_unknown_devices(path);
    const DeviceFacts* disk = attached_->disk_of(device);
    if (disk && device.system_roles.empty() && !disk->system_roles.empty()) {
      plan_.findings.push_back({Finding::Level::warning, "on_system_disk", path,
                                "lies on " + disk->name + ", a disk of the running system"});
    }
    check_loops({path, {}, device});
    check_lower(path, device);
  }

  /// What a loop device writes to is written with it: the same interlocks hold for it, and for what
  /// that is attached to in turn.
  void check_lower(const std::string& path, const DeviceFacts& device) {
    constexpr int kDeepest = 16;
    const LoopBacking* backing = attached_->backing_of(device);
    for (int depth = 0; depth < kDeepest && backing && backing->device; ++depth) {
      DeviceFacts lower = *backing->device;
      lower.content = std::vector<ContentSignature>{};  // the same bytes as on the loop device
      std::vector<Finding> findings = examine_device(path, lower, request_.rules);
      for (Finding& finding : examine_method({path, lower, {}, request_.rules})) {
        findings.push_back(std::move(finding));
      }
      for (Finding& finding : findings) {
        if (finding.level != Finding::Level::refusal) continue;
        finding.text = "stands on " + lower.path + ", which " + finding.text;
        plan_.findings.push_back(std::move(finding));
      }
      if (auto conflict = own_places_.conflict(path, attached_->numbers_of(lower))) {
        plan_.findings.push_back(std::move(*conflict));
      }
      backing = attached_->backing_of(lower);
    }
  }

  void refuse_unknown_devices(const std::string& path) {
    plan_.findings.push_back(refusal("devices_unknown", path,
                                     "it can't be told what uses it: " + attached_->problem()->what,
                                     attached_->problem()->hint));
  }

  void check_loops(const Named& named) {
    const LoopBacking* own = named.device ? attached_->backing_of(*named.device) : nullptr;
    for (const LoopBacking& backing : attached_->backings()) {
      const bool shared = own && own != &backing && own->shares_with(backing);
      if (!shared && !backing.is(named)) continue;
      // Who uses the other loop device does not show on this one.
      const std::string what = shared ? "keeps its data in what " : "is what ";
      plan_.findings.push_back(
          refusal("loop_backing_file", named.path,
                  what + backing.loop_path + " is attached to" + (shared ? ", too" : ""),
                  "losetup -d " + backing.loop_path + " detaches it"));
    }
  }

  void check_own_places(const std::string& path, const DeviceFacts& device) {
    auto conflict = own_places_.conflict(path, attached_->numbers_of(device));
    const DeviceFacts* disk = attached_->disk_of(device);
    const std::string& backing = disk ? disk->backing_file : device.backing_file;
    if (!conflict && !backing.empty()) {
      Result<Location> location = platform_.locate(backing);
      if (!location) return;
      const Result<Chain> chain = chain_of(*location->directory, location->name);
      if (chain) conflict = own_places_.conflict(backing, *chain);
      if (conflict) conflict->text = "is backed by " + backing + ", which " + conflict->text;
      if (conflict) conflict->object = path;
    }
    if (conflict) plan_.findings.push_back(std::move(*conflict));
  }

  void consider(const std::string& path) {
    const std::size_t before = plan_.findings.size();
    Result<Location> location = platform_.locate(path);
    if (!location) {
      const char* code = location.error().code == Errc::permission ? "no_permission" : "not_found";
      plan_.findings.push_back(refusal(code, path, location.error().what));
      return;
    }
    Candidate candidate;
    candidate.root.path = path;
    if (request_.kind == TargetKind::free_space) {
      consider_space(candidate);
      if (!refused_since(before)) candidates_.push_back(std::move(candidate));
      return;
    }
    if (is_directory(*location)) {
      consider_directory(*location, candidate);
    } else if (path.ends_with('/')) {
      plan_.findings.push_back(
          refusal("not_found", path, "is not a directory", "leave out the slash at its end"));
    } else {
      consider_file(*location, candidate);
    }
    check_own_places(*location, candidate);
    if (!refused_since(before)) candidates_.push_back(std::move(candidate));
  }

  [[nodiscard]] static bool is_directory(Location& location) {
    if (location.name.empty()) return true;
    const Result<Attributes> seen = location.directory->inspect_at(location.name);
    return seen && seen->kind == NodeKind::directory;
  }

  void consider_directory(Location& location, Candidate& candidate) {
    const std::string& path = candidate.root.path;
    if (request_.kind == TargetKind::image) {
      plan_.findings.push_back(refusal("is_directory", path, "is a directory, not a disk image",
                                       "use `quietus files --recursive` for directories"));
      return;
    }
    if (!request_.rules.recursive) {
      plan_.findings.push_back(refusal("is_directory", path, "is a directory",
                                       "add --recursive to destroy everything below it"));
      return;
    }
    auto opened = open_directory(location);
    if (!opened && is_mounted(location)) {
      plan_.findings.push_back(mount_point(path));
      return;
    }
    if (!opened) {
      plan_.findings.push_back(refusal("no_permission", path, opened.error().what));
      return;
    }
    note_directory(**opened, location.name.empty(), candidate);
  }

  /// Our own places may lie on that file system, but what is put into them is not to be filled.
  [[nodiscard]] bool is_there(const std::string& path) {
    Result<Location> location = platform_.locate(path);
    return location && location->directory->inspect_at(location->name).ok();
  }

  void consider_space(Candidate& candidate) {
    const std::string& path = candidate.root.path;
    // A link to a directory is as good: what is named is the file system.
    auto directory = platform_.open_directory(path);
    if (!directory) {
      const char* code = is_there(path) ? "not_a_directory" : "not_found";
      plan_.findings.push_back(refusal(code, path, directory.error().what,
                                       "name a directory of the file system to fill"));
      return;
    }
    const Result<Attributes> seen = (*directory)->attributes();
    auto facts = platform_.file_system_of(**directory);
    if (!seen || !facts) {
      plan_.findings.push_back(
          refusal("unreadable", path, !seen ? seen.error().what : facts.error().what));
      return;
    }
    candidate.root.identity = seen->identity;
    candidate.root.kind = NodeKind::directory;
    candidate.root.file_system = std::move(*facts);
    candidate.root.size_bytes = candidate.root.file_system.free_bytes;
    if (Result<Chain> chain = chain_of(**directory, "")) candidate.chain = std::move(*chain);
    if (holds_a_state(**directory)) {
      plan_.findings.push_back(refusal("own_state", path, "is a state folder of this tool"));
    }
    if (auto conflict = own_places_.within(path, candidate.chain)) {
      plan_.findings.push_back(std::move(*conflict));
    }
    add(examine_space({path, **directory, candidate.root.file_system}, request_.rules, platform_));
  }

  /// Another --state-dir than this run's is somebody's record, too.
  [[nodiscard]] static bool holds_a_state(Directory& directory) {
    auto ledger = directory.open_directory_at("ledger");
    // A ledger that is a mount of its own is not looked into.
    if (!ledger && ledger.error().code == Errc::unsupported) {
      const auto there = directory.inspect_at("ledger");
      return there && there->kind == NodeKind::directory && directory.inspect_at("keys");
    }
    return ledger && (*ledger)->inspect_at("origin") && (*ledger)->inspect_at("entries.jsonl");
  }

  [[nodiscard]] static Result<std::unique_ptr<Directory>> open_directory(Location& location) {
    if (!location.name.empty()) return location.directory->open_directory_at(location.name);
    return std::move(location.directory);
  }

  /// Whether what has that name is another mount than the directory that holds it.
  [[nodiscard]] static bool is_mounted(Location& location) {
    const Result<Attributes> above = location.directory->attributes();
    const Result<Attributes> named = location.directory->inspect_at(location.name);
    return above && named && named->identity.mount != above->identity.mount;
  }

  [[nodiscard]] static Finding mount_point(const std::string& path) {
    return refusal("mount_point", path, "is the top of a file system",
                   "name the directories below it, or destroy the whole medium");
  }

  void note_directory(Directory& directory, bool nameless, Candidate& candidate) {
    const std::string& path = candidate.root.path;
    const Result<Attributes> seen = directory.attributes();
    auto facts = platform_.file_system_of(directory);
    if (!seen || !facts) {
      plan_.findings.push_back(
          refusal("unreadable", path, !seen ? seen.error().what : facts.error().what));
      return;
    }
    if (holds_a_state(directory)) {
      plan_.findings.push_back(refusal("own_state", path, "is a state folder of this tool",
                                       "its keys and its ledger are what proves past work"));
    }
    if (nameless || facts->mount_root) {
      plan_.findings.push_back(mount_point(path));
    }
    candidate.root.identity = seen->identity;
    candidate.root.kind = NodeKind::directory;
    candidate.root.file_system = std::move(*facts);
    warn_of_snapshots(directory, path);
    if (Result<Chain> chain = chain_of(directory, "")) candidate.chain = std::move(*chain);
  }

  void consider_file(Location& location, Candidate& candidate) {
    Examination seen =
        examine_file(platform_, {*location.directory, location.name, candidate.root.path},
                     {Intent::look, request_.rules});
    candidate.name = location.name;
    for (Finding& finding : seen.findings) plan_.findings.push_back(std::move(finding));
    candidate.root.identity = seen.attributes.identity;
    candidate.root.kind = seen.attributes.kind;
    candidate.root.size_bytes = seen.attributes.size_bytes;
    candidate.root.file_system = std::move(seen.file_system);
    candidate.root.obstacles = std::move(seen.obstacles);
    if (request_.kind == TargetKind::image && seen.medium && seen.attributes.size_bytes == 0) {
      plan_.findings.push_back(refusal("zero_size", candidate.root.path, "is empty (0 bytes)"));
    }
    if (seen.medium) warn_of_snapshots(*location.directory, candidate.root.path);
    if (attached_ && seen.attributes.kind == NodeKind::regular) check_image(candidate.root);
    if (Result<Chain> chain = chain_of(*location.directory, location.name)) {
      candidate.chain = std::move(*chain);
    }
  }

  void warn_of_snapshots(Directory& directory, const std::string& path) {
    const auto snapshots = platform_.snapshots_of(directory);
    if (!snapshots || snapshots->empty()) return;
    plan_.findings.push_back({Finding::Level::warning, "snapshots", path,
                              snapshots_text(*snapshots),
                              "remove the snapshots first; they hold what was there before"});
  }

  void check_image(const Root& root) {
    // Where a system has no block devices to tell of, none can be attached to a file.
    const auto& problem = attached_->problem();
    if (problem && problem->code != Errc::unsupported) refuse_unknown_devices(root.path);
    const Method method = request_.rules.method.value_or(Method::overwrite);
    if (method != Method::overwrite) {
      plan_.findings.push_back(refusal(
          "method_unsupported", root.path,
          "is a file, and " + option_word(method) + " is for block devices", "leave out --method"));
    }
    named_.push_back({root.path, root.identity, std::nullopt});
    check_loops(named_.back());
  }

  void check_own_places(Location& location, const Candidate& candidate) {
    if (!location.directory && candidate.chain.empty()) return;
    if (auto conflict = own_places_.conflict(candidate.root.path, candidate.chain)) {
      plan_.findings.push_back(std::move(*conflict));
    }
  }

  using ObjectKey = std::pair<std::uint64_t, std::uint64_t>;

  [[nodiscard]] static ObjectKey key_of(const Identity& identity) {
    return {identity.device, identity.inode};
  }

  /// Two hard links of one file, where the rules ask for all of them.
  [[nodiscard]] bool are_two_names(const Candidate& one, const Candidate& other) const {
    if (request_.rules.links != LinkMode::all || one.root.kind != NodeKind::regular) return false;
    if (one.chain.size() < 2 || other.chain.size() < 2) return false;
    return one.name != other.name || !one.chain[1].same_object(other.chain[1]);
  }

  /// Of two that are one thing, or of which one holds the other, both are refused: which one was
  /// meant can't be told.
  void refuse_overlaps() {
    if (request_.kind == TargetKind::free_space) return refuse_twice_filled();
    std::map<ObjectKey, std::size_t> by_object;
    std::vector<bool> refused(candidates_.size(), false);
    const auto refuse = [&](Finding finding, std::size_t a, std::size_t b) {
      plan_.findings.push_back(std::move(finding));
      refused[a] = refused[b] = true;
    };
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Root& root = candidates_[i].root;
      if (root.device) continue;  // another kind of identity; compared with the drives
      const auto [known, fresh] = by_object.emplace(key_of(root.identity), i);
      if (fresh || are_two_names(candidates_[known->second], candidates_[i])) continue;
      refuse(
          refusal("duplicate_target", root.path,
                  "is the same as " + candidates_[known->second].root.path, "name everything once"),
          known->second, i);
    }
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Chain& chain = candidates_[i].chain;
      for (std::size_t above = 1; above < chain.size(); ++above) {
        const auto outer = by_object.find(key_of(chain[above]));
        if (outer == by_object.end()) continue;
        refuse(refusal("overlapping_targets", candidates_[i].root.path,
                       "lies in " + candidates_[outer->second].root.path,
                       "name either the directory or what is in it"),
               outer->second, i);
      }
    }
    drop(refused);
  }

  /// One file system can't be filled twice at the same time.
  void refuse_twice_filled() {
    std::vector<bool> refused(candidates_.size(), false);
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Root& root = candidates_[i].root;
      for (std::size_t other = 0; other < i; ++other) {
        const Root& known = candidates_[other].root;
        const bool same = known.identity.device == root.identity.device ||
                          same_file_system(known.file_system, root.file_system);
        if (!same) continue;
        plan_.findings.push_back(refusal("duplicate_target", root.path,
                                         "lies on the same file system as " + known.path,
                                         "name one directory of each file system"));
        refused[other] = refused[i] = true;
      }
    }
    drop(refused);
  }

  void drop(const std::vector<bool>& refused) {
    std::vector<Candidate> kept;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      if (!refused[i]) kept.push_back(std::move(candidates_[i]));
    }
    candidates_ = std::move(kept);
  }

  /// Also against what was refused for another reason: that it was named counts.
  void refuse_wrong_drives() {
    if (!attached_) return;
    const std::size_t before = plan_.findings.size();
    add(find_overlaps(named_, *attached_));
    add(find_shared(named_));
    add(check_binding(request_.binding, named_, *attached_));
    std::vector<bool> refused;
    for (const Candidate& candidate : candidates_) {
      refused.push_back(std::any_of(
          plan_.findings.begin() + static_cast<std::ptrdiff_t>(before), plan_.findings.end(),
          [&](const Finding& finding) { return finding.object == candidate.root.path; }));
    }
    drop(refused);
  }

  void group() {
    for (Candidate& candidate : candidates_) {
      const TargetKind kind = candidate.root.device ? TargetKind::drive : request_.kind;
      if (plan_.targets.empty() || kind != TargetKind::files) plan_.targets.push_back({kind, {}});
      if (candidate.root.device) plan_.targets.back().choice = std::move(candidate.choice);
      plan_.targets.back().roots.push_back(std::move(candidate.root));
    }
  }

  const Request& request_;
  Platform& platform_;
  OwnPlaces own_places_;
  std::optional<Attached> attached_;  ///< only where a path may be a block device
  std::vector<Named> named_;          ///< of those, what may be or hold a drive
  Plan plan_;
  std::vector<Candidate> candidates_;
};

std::string change_of_device(const Plan& plan, const Target& target, Platform& platform) {
  const Root& root = target.roots.front();
  const Result<DeviceFacts> now = platform.inspect_device(root.path);
  if (!now) return now.error().what;
  std::string why = difference(*root.device, *now);
  return why.empty() ? change_of_siblings(plan, target, *now) : why;
}

/// What is different now; nothing if nothing is.
std::string change_of(TargetKind kind, const Root& root, Platform& platform) {
  if (kind == TargetKind::free_space) {
    auto directory = platform.open_directory(root.path);
    if (!directory) return directory.error().what;
    const Result<Attributes> now = (*directory)->attributes();
    if (!now) return now.error().what;
    return now->identity.same_object(root.identity) ? ""
                                                    : "is not the directory that was planned for";
  }
  Result<Location> location = platform.locate(root.path);
  if (!location) return location.error().what;
  const Result<Attributes> now = location->directory->inspect_at(location->name);
  if (!now) return now.error().what;
  if (!now->identity.same_object(root.identity) || now->kind != root.kind) {
    return "is not the object that was planned for";
  }
  if (root.kind == NodeKind::regular && now->size_bytes != root.size_bytes) {
    return "has another size than when it was planned for";
  }
  return {};
}

}  // namespace

std::string_view name_of(TargetKind kind) {
  constexpr std::array<std::string_view, 4> kNames{"files", "image", "drive", "free_space"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string_view name_of(NameMode mode) {
  constexpr std::array<std::string_view, 2> kNames{"plain", "thorough"};
  return kNames.at(static_cast<std::size_t>(mode));
}

std::string_view name_of(LinkMode mode) {
  constexpr std::array<std::string_view, 3> kNames{"refuse", "all", "only_name"};
  return kNames.at(static_cast<std::size_t>(mode));
}

std::string_view name_of(VerifyMode mode) {
  constexpr std::array<std::string_view, 3> kNames{"full", "sample", "none"};
  return kNames.at(static_cast<std::size_t>(mode));
}

std::string_view name_of(Finding::Level level) {
  constexpr std::array<std::string_view, 3> kNames{"ok", "warning", "refusal"};
  return kNames.at(static_cast<std::size_t>(level));
}

std::string title_of(const Target& target) {
  if (target.roots.empty()) return {};
  std::string title = target.roots.front().path;
  if (target.roots.size() > 1) {
    title += " and " + std::to_string(target.roots.size() - 1) + " more";
  }
  return title;
}

bool Plan::refused() const {
  return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.level == Finding::Level::refusal;
  });
}

Plan make_plan(const Request& request, Platform& platform) {
  Plan plan = Planner(request, platform).make();
  plan.declarations = request.declarations;
  return plan;
}

std::vector<Finding> recheck(const Plan& plan, Platform& platform) {
  std::vector<Finding> changed;
  for (const Target& target : plan.targets) {
    for (const Root& root : target.roots) {
      std::string why = root.device ? change_of_device(plan, target, platform)
                                    : change_of(target.kind, root, platform);
      if (!why.empty()) changed.push_back(refusal("changed", root.path, std::move(why)));
    }
  }
  return changed;
}

}  // namespace quietus
