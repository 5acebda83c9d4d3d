// SPDX-License-Identifier: GPL-3.0-or-later
// The machine's block devices and how they lie on, in and under each other.
#include "plan/attached.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace quietus {
namespace {

bool is_whole(const DeviceFacts& device) { return device.number == device.disk_number; }

/// How two named things may be one, or one part of the other.
struct Relation {
  bool (*holds)(const Named& a, const Named& b, const Attached& attached) = nullptr;
  std::string_view code;
  std::string_view text;
  std::string_view hint;
};

constexpr std::string_view kNameOne = "name only one of them";

bool backs(const Named& upper, const Named& lower, const Attached& attached) {
  if (!upper.device) return false;
  return std::any_of(attached.backings().begin(), attached.backings().end(),
                     [&](const LoopBacking& backing) {
                       return backing.loop_number == upper.device->disk_number && backing.is(lower);
                     });
}

/// Two loop devices, whose data are the same whichever of them is written.
bool are_backed_alike(const Named& a, const Named& b, const Attached& attached) {
  const LoopBacking* one = a.device ? attached.backing_of(*a.device) : nullptr;
  const LoopBacking* other = b.device ? attached.backing_of(*b.device) : nullptr;
  return one && other && one != other && one->shares_with(*other);
}

constexpr std::array<Relation, 5> kRelations{{
    {[](const Named& a, const Named& b, const Attached&) {
       return a.device && b.device && a.device->number == b.device->number;
     },
     "duplicate_target", "is the same device as ", "name every device once"},
    {[](const Named& a, const Named& b, const Attached&) {
       return a.device && b.device && share_bytes(*a.device, *b.device);
     },
     "overlapping_targets", "lies on the same disk, over the same bytes, as ", kNameOne},
    {[](const Named& a, const Named& b, const Attached&) {
       return a.device && b.device &&
              (stands_on(*a.device, *b.device) || stands_on(*b.device, *a.device));
     },
     "overlapping_targets", "keeps its data on the same medium as ", kNameOne},
    {[](const Named& a, const Named& b, const Attached& attached) {
       return backs(a, b, attached) || backs(b, a, attached);
     },
     "overlapping_targets", "is joined, as a loop device and what it is attached to, with ",
     kNameOne},
    {are_backed_alike, "overlapping_targets", "is attached to the same file or device as ",
     kNameOne},
}};

void relate(const Named& a, const Named& b, const Attached& attached, std::vector<Finding>& out) {
  for (const Relation& row : kRelations) {
    if (!row.holds(a, b, attached)) continue;
    const auto refuse = [&](const Named& one, const Named& other) {
      out.push_back({Finding::Level::refusal, std::string(row.code), one.path,
                     std::string(row.text) + other.path, std::string(row.hint)});
    };
    refuse(b, a);
    if (a.path != b.path) refuse(a, b);
    return;
  }
}

/// Where a path leads to, if that is a file.
Identity file_at(const std::string& path, Platform& platform) {
  const Result<Location> location = platform.locate(path);
  if (!location || location->name.empty()) return {};
  const Result<Attributes> seen = location->directory->inspect_at(location->name);
  return seen ? seen->identity : Identity{};
}

}  // namespace

bool share_bytes(const DeviceFacts& a, const DeviceFacts& b) {
  if (a.number == b.number) return true;
  if (a.disk_number != b.disk_number) return false;
  return is_whole(a) || is_whole(b) || !intersection(a.place, b.place).empty();
}

bool stands_on(const DeviceFacts& upper, const DeviceFacts& lower) {
  return std::any_of(lower.uses.begin(), lower.uses.end(), [&](const DeviceUse& use) {
    return use.kind == DeviceUse::Kind::holder && (use.by == upper.name || use.by == upper.disk);
  });
}

bool LoopBacking::is(const Named& named) const {
  if (named.device) return device && share_bytes(*device, *named.device);
  return file.inode != 0 && file.same_object(named.file);
}

bool LoopBacking::shares_with(const LoopBacking& other) const {
  if (device || other.device) return device && other.device && share_bytes(*device, *other.device);
  return file.inode != 0 && file.same_object(other.file);
}

Attached::Attached(Platform& platform) {
  auto found = platform.devices();
  if (!found) {
    problem_ = found.error();
    return;
  }
  devices_ = std::move(*found);
  for (const DeviceFacts& device : devices_) {
    // Partitions show what their disk is attached to.
    if (!device.backing_file.empty() && is_whole(device)) find_backing(device, platform);
  }
}

void Attached::find_backing(const DeviceFacts& loop, Platform& platform) {
  LoopBacking backing;
  backing.loop_number = loop.number;
  backing.loop_path = loop.path;
  if (auto device = platform.inspect_device(loop.backing_file)) {
    backing.device = std::move(*device);
  } else {
    backing.file = file_at(loop.backing_file, platform);
  }
  backings_.push_back(std::move(backing));
}

const LoopBacking* Attached::backing_of(const DeviceFacts& facts) const {
  const auto found = std::find_if(
      backings_.begin(), backings_.end(),
      [&](const LoopBacking& backing) { return backing.loop_number == facts.disk_number; });
  return found == backings_.end() ? nullptr : &*found;
}

DeviceFacts Attached::with_partitions(DeviceFacts facts) const {
  for (const DeviceFacts& part : devices_) {
    if (part.disk_number != facts.number || part.number == facts.number) continue;
    if (!facts.content) break;
    if (!part.content) {
      facts.content.reset();
      facts.content_unknown = part.name + ": " + part.content_unknown;
      break;
    }
    for (ContentSignature signature : *part.content) {
      signature.offset += part.place.offset;
      const auto known = std::find(facts.content->begin(), facts.content->end(), signature);
      if (known == facts.content->end()) facts.content->push_back(std::move(signature));
    }
  }
  return facts;
}

const DeviceFacts* Attached::disk_of(const DeviceFacts& facts) const {
  if (is_whole(facts)) return nullptr;
  const auto disk = std::find_if(devices_.begin(), devices_.end(), [&](const DeviceFacts& one) {
    return one.number == facts.disk_number;
  });
  return disk == devices_.end() ? nullptr : &*disk;
}

std::set<std::uint64_t> Attached::numbers_of(const DeviceFacts& facts) const {
  std::set<std::string> names(facts.partitions.begin(), facts.partitions.end());
  for (const DeviceUse& use : facts.uses) {
    names.insert(use.device);
    if (use.kind == DeviceUse::Kind::holder) names.insert(use.by);
  }
  std::set<std::uint64_t> numbers{facts.number};
  for (const DeviceFacts& device : devices_) {
    if (names.contains(device.name)) numbers.insert(device.number);
  }
  return numbers;
}

std::vector<Finding> find_overlaps(const std::vector<Named>& named, const Attached& attached) {
  std::vector<Finding> found;
  for (std::size_t i = 0; i < named.size(); ++i) {
    for (std::size_t j = i + 1; j < named.size(); ++j) {
      relate(named[i], named[j], attached, found);
    }
  }
  return found;
}

}  // namespace quietus
