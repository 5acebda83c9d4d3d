// SPDX-License-Identifier: GPL-3.0-or-later
// A machine in memory with drives, partitions and loop devices, and plans made of them.
#pragma once

#include <doctest/doctest.h>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "quietus/plan.h"

#include "engine_world.h"

namespace quietus::test {

/// A disk that nothing speaks against: 8 KiB, rotational, with serial and WWN made of its name.
inline DeviceFacts disk(const std::string& name) {
  DeviceFacts facts;
  facts.path = "/dev/" + name;
  facts.name = name;
  facts.kind = DeviceKind::disk;
  facts.sequence = 5;
  facts.model = "Model of " + name;
  facts.serial = "SERIAL-" + name;
  facts.serial_source = "sysfs";
  facts.wwn = "naa.5000" + name;
  facts.bus = "ata";
  facts.storage = Storage::rotational;
  facts.hidden_area = HiddenArea::none;
  facts.content = std::vector<ContentSignature>{};
  return facts;
}

/// The same without anything to know it by.
inline DeviceFacts plain_disk(const std::string& name) {
  DeviceFacts facts = disk(name);
  facts.serial.clear();
  facts.serial_source.clear();
  facts.wwn.clear();
  facts.model.clear();
  return facts;
}

struct DriveWorld {
  MemoryPlatform platform;
  Request request;

  DriveWorld() {
    request.kind = TargetKind::image;
    request.rules = rules_of({random_pass()});
    request.binding.asked_in_person = true;
  }

  DeviceFacts& add(DeviceFacts facts, std::size_t size = 8192) {
    return *platform.add_device(std::move(facts), std::string(size, 'x'))->device;
  }
  /// A partition of the disk, with its identity.
  DeviceFacts& add_partition(const std::string& name, const std::string& of, Extent place) {
    DeviceFacts& whole = facts(of);
    DeviceFacts part = whole;
    part.path = "/dev/" + name;
    part.name = name;
    part.kind = DeviceKind::partition;
    part.number = 0;
    part.place = place;
    part.content = std::vector<ContentSignature>{};
    part.partitions.clear();
    whole.partitions.push_back(name);
    return add(std::move(part), place.length);
  }
  /// A loop device that is attached to that path.
  DeviceFacts& add_loop(const std::string& name, const std::string& backing) {
    DeviceFacts loop = plain_disk(name);
    loop.kind = DeviceKind::loop;
    loop.bus = "loop";
    loop.backing_file = backing;
    return add(std::move(loop));
  }
  DeviceFacts& facts(const std::string& name) { return *platform.node("/dev/" + name)->device; }

  Plan make(const std::vector<std::string>& paths) {
    request.paths = paths;
    return make_plan(request, platform);
  }
};

using Codes = std::set<std::string>;

inline Codes codes_of(const std::vector<Finding>& findings) {
  Codes codes;
  for (const Finding& finding : findings) codes.insert(finding.code);
  return codes;
}

/// Objects of the refusals with that code.
inline std::set<std::string> refused_objects(const Plan& plan, const std::string& code) {
  std::set<std::string> objects;
  for (const Finding& finding : plan.findings) {
    const bool refusal = finding.level == Finding::Level::refusal;
    if (refusal && finding.code == code) objects.insert(finding.object);
  }
  return objects;
}

}  // namespace quietus::test
