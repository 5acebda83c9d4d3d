// SPDX-License-Identifier: GPL-3.0-or-later
// The interlocks of one block device, as tables: what it is, what is on it, who uses it. Looks at
// facts only; opens and claims nothing.
#include <algorithm>
#include <array>
#include <string_view>

#include "quietus/examine.h"

namespace quietus {
namespace {

using Level = Finding::Level;

/// What the facts say, whoever uses the device.
struct FactRow {
  bool (*applies)(const DeviceFacts&) = nullptr;
  Level level = Level::refusal;
  std::string_view code;
  std::string_view text;
  std::string_view hint;
};

constexpr std::array<FactRow, 2> kFacts{{
    {[](const DeviceFacts& d) { return d.size_bytes == 0; }, Level::refusal, "zero_size",
     "is empty (0 bytes)", "insert a medium, or name another device"},
    {[](const DeviceFacts& d) { return d.read_only; }, Level::refusal, "read_only", "is read-only",
     "move its write-protection switch, or see blockdev --setrw"},
}};

std::string join(const std::vector<std::string>& parts, std::string_view between) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += between;
    text += part;
  }
  return text;
}

/// Who uses it, and what ends that use.
struct UseRow {
  DeviceUse::Kind kind = DeviceUse::Kind::mount;
  std::string_view code;
  std::string (*text)(const DeviceUse&) = nullptr;
  std::string (*hint)(const DeviceUse&) = nullptr;
};

std::string text_of_lock(const DeviceUse& use) {
  if (use.by.starts_with("quietus")) return "another quietus works on it: " + use.by;
  return "is locked by " + (use.by.empty() ? "another program" : use.by);
}

std::string text_of_claim(const DeviceUse& use) {
  return "is claimed by " + (use.by.empty() ? "another program" : use.by);
}

constexpr std::array<UseRow, 4> kUses{{
    {DeviceUse::Kind::mount, "mounted",
     [](const DeviceUse& use) { return use.device + " is mounted on " + use.by; },
     [](const DeviceUse& use) { return "umount " + use.by; }},
    {DeviceUse::Kind::swap, "active_swap",
     [](const DeviceUse& use) { return use.device + " is used as swap space"; },
     [](const DeviceUse& use) { return "swapoff " + use.by; }},
    {DeviceUse::Kind::lock, "locked", text_of_lock,
     [](const DeviceUse&) { return std::string("wait until it is done, or end that program"); }},
    {DeviceUse::Kind::claim, "claimed", text_of_claim,
     [](const DeviceUse&) { return std::string("end the program that uses it"); }},
}};

/// How what stands on a device is taken down, by the beginning of the kernel's name.
struct HolderRow {
  std::string_view prefix;
  std::string_view remedy;
};

constexpr std::array<HolderRow, 5> kHolders{{
    {"dm-", "cryptsetup close, vgchange -an or dmsetup remove, whichever made"},
    {"md", "mdadm --stop takes down"},
    {"bcache", "write 1 to /sys/block/NAME/bcache/stop for"},
    {"drbd", "drbdadm down takes down"},
    {"loop", "losetup -d detaches"},
}};

std::string remedy_for(const std::string& holder) {
  for (const HolderRow& row : kHolders) {
    if (holder.starts_with(row.prefix)) return std::string(row.remedy) + " " + holder;
  }
  return "take down " + holder;
}

/// Signatures of members that libblkid does not count as RAID, beside all that end in "_member".
constexpr std::array<std::string_view, 4> kMembers{"bcache", "ceph_bluestore", "drbd", "stratis"};

bool is_member(const ContentSignature& signature) {
  return signature.usage == "raid" || signature.type.ends_with("_member") ||
         std::find(kMembers.begin(), kMembers.end(), signature.type) != kMembers.end();
}

/// Examines one device.
class DeviceExaminer {
 public:
  DeviceExaminer(const std::string& path, const DeviceFacts& facts, const Rules& rules)
      : path_(path), facts_(facts), rules_(rules) {}

  std::vector<Finding> examine() {
    check_system();
    check_uses();
    check_holders();
    check_content();
    check_facts();
    return std::move(findings_);
  }

 private:
  void add(Level level, std::string_view code, std::string text, std::string hint = {}) {
    findings_.push_back({level, std::string(code), path_, std::move(text), std::move(hint)});
  }

  void check_system() {
    if (facts_.system_roles.empty()) return;
    add(Level::refusal, "system_disk",
        "belongs to the running system: it " + join(facts_.system_roles, " and "),
        "start the machine from another medium to destroy it");
  }

  void check_uses() {
    for (const DeviceUse& use : facts_.uses) {
      for (const UseRow& row : kUses) {
        if (row.kind == use.kind) add(Level::refusal, row.code, row.text(use), row.hint(use));
      }
    }
  }

  /// All at once, since they are taken down one after the other, the topmost first.
  void check_holders() {
    std::vector<std::string> chain;
    std::vector<std::string> remedies;
    for (const DeviceUse& use : facts_.uses) {
      if (use.kind != DeviceUse::Kind::holder) continue;
      chain.push_back(use.by + " stands on " + use.device);
      remedies.insert(remedies.begin(), remedy_for(use.by));
    }
    if (chain.empty()) return;
    add(Level::refusal, "in_use_by_holder", "is part of something in use: " + join(chain, ", "),
        join(remedies, "; then "));
  }

  void check_content() {
    if (facts_.size_bytes == 0) return;
    const Level level = rules_.allow_member ? Level::warning : Level::refusal;
    if (!facts_.content && is_explained()) return;
    if (!facts_.content) {
      const std::string why =
          facts_.content_unknown.empty() ? "" : " (" + facts_.content_unknown + ")";
      add(level, "content_unknown",
          "what is on it can't be read" + why +
              ", so it can't be told whether it is a member of a RAID, an LVM group or a pool",
          rules_.allow_member
              ? ""
              : "run as root; where the medium is damaged, --allow-member goes on without knowing");
      return;
    }
    for (const ContentSignature& signature : *facts_.content) {
      if (is_member(signature)) check_member(level, signature);
    }
  }

  /// A drive's own state may be why it can't be read.
  bool is_explained() {
    struct Row {
      std::string_view state;
      std::string_view text;  ///< empty: no method is taken then, and that is the refusal
    };
    constexpr std::array kRows{
        Row{"sanitize_running", ""}, Row{"format_running", ""}, Row{"security_locked", ""},
        Row{"sanitize_failed",
            "what was on it can't be read any more: a sanitize was begun on it and failed"},
        Row{"opal_locked", "what is on it can't be read: it is locked (TCG Opal)"}};
    for (const Row& row : kRows) {
      if (!facts_.abilities || !facts_.abilities->is_in(row.state)) continue;
      if (!row.text.empty()) add(Level::warning, "content_unknown", std::string(row.text));
      return true;
    }
    return false;
  }

  void check_member(Level level, const ContentSignature& signature) {
    add(level, "raid_member",
        "is marked as a member of a larger whole: " + signature.type +
            (signature.label.empty() ? "" : " '" + signature.label + "'"),
        rules_.allow_member
            ? ""
            : "take it out of its RAID, LVM group or pool first, or add --allow-member");
  }

  void check_facts() {
    for (const FactRow& row : kFacts) {
      if (row.applies(facts_)) {
        add(row.level, row.code, std::string(row.text), std::string(row.hint));
      }
    }
  }

  const std::string& path_;
  const DeviceFacts& facts_;
  const Rules& rules_;
  std::vector<Finding> findings_;
};

std::string was_and_is(std::string_view what, const std::string& was, const std::string& is) {
  const auto named = [](const std::string& one) { return one.empty() ? "none" : one; };
  return "its " + std::string(what) + " was " + named(was) + " and is " + named(is);
}

}  // namespace

std::vector<Finding> examine_device(const std::string& path, const DeviceFacts& facts,
                                    const Rules& rules) {
  return DeviceExaminer(path, facts, rules).examine();
}

std::string difference(const DeviceFacts& planned, const DeviceFacts& now) {
  std::vector<std::string> parts;
  if (planned.number != now.number) parts.emplace_back("the path leads to another device");
  if (planned.sequence != 0 && now.sequence != 0 && planned.sequence != now.sequence) {
    parts.emplace_back("it was removed, and it or another one attached");
  }
  if (planned.size_bytes != now.size_bytes) {
    parts.push_back(
        was_and_is("size", std::to_string(planned.size_bytes), std::to_string(now.size_bytes)));
  }
  if (planned.serial != now.serial) {
    parts.push_back(was_and_is("serial", planned.serial, now.serial));
  }
  if (planned.wwn != now.wwn) parts.push_back(was_and_is("WWN", planned.wwn, now.wwn));
  if (planned.place != now.place) parts.emplace_back("it lies at another place of its disk");
  if (planned.backing_file != now.backing_file) {
    parts.push_back(was_and_is("file", planned.backing_file, now.backing_file));
  }
  return parts.empty() ? "" : "is not what was planned for: " + join(parts, "; ");
}

}  // namespace quietus
