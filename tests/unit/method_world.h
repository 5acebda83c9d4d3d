// SPDX-License-Identifier: GPL-3.0-or-later
// A machine in memory with one SSD that has methods of its own, and plans made of it.
#pragma once

#include <string>
#include <vector>

#include "drive_world.h"

namespace quietus::test {

/// An SSD on ATA that can sanitize by crypto and block, and erase in enhanced mode.
inline DriveAbilities ata_abilities() {
  DriveAbilities out;
  out.commands = CommandSet::ata;
  out.identity.serial = "SERIAL-sdb";
  out.identity.size_bytes = 8192;
  for (const Method method : all_methods()) {
    if (!is_firmware(method)) continue;
    MethodAbility ability;
    ability.method = method;
    ability.supported = Answer::no;
    if (method == Method::sanitize_crypto || method == Method::sanitize_block ||
        method == Method::secure_erase) {
      ability.supported = Answer::yes;
      ability.command = "COMMAND OF " + std::string(name_of(method));
      ability.estimate_s = 120;
    }
    out.methods.push_back(std::move(ability));
  }
  out.hidden.present = Answer::no;
  out.enhanced_erase = true;
  return out;
}

inline MethodAbility& ability_of(DriveAbilities& abilities, Method method) {
  for (MethodAbility& one : abilities.methods) {
    if (one.method == method) return one;
  }
  FAIL("no such method");
  return abilities.methods.front();
}

/// One SSD, /dev/sdb, that answers with `abilities`.
struct FirmwareWorld : DriveWorld {
  DriveAbilities abilities = ata_abilities();
  int asked = 0;
  std::vector<Method> order{Method::sanitize_block, Method::sanitize_crypto, Method::secure_erase,
                            Method::overwrite};

  FirmwareWorld() {
    DeviceFacts drive = disk("sdb");
    drive.storage = Storage::flash;
    drive.hidden_area = HiddenArea::unknown;
    add(std::move(drive));
    request.rules.method.reset();
    request.survey = [this](const DeviceFacts&) {
      ++asked;
      return abilities;
    };
    request.order = [this](const DeviceFacts&) { return order; };
  }

  Plan plan() { return make({"/dev/sdb"}); }
  /// The method of a plan that nothing speaks against.
  Method chosen() {
    const Plan made = plan();
    REQUIRE_FALSE(made.refused());
    REQUIRE(made.targets.size() == 1);
    return made.targets[0].choice.method;
  }
  /// The code of the one refusal, and nothing planned.
  std::string refused() {
    const Plan made = plan();
    CHECK(made.targets.empty());
    std::string codes;
    for (const Finding& one : made.findings) {
      if (one.level == Finding::Level::refusal) codes += (codes.empty() ? "" : " ") + one.code;
    }
    return codes;
  }
  Finding finding(const std::string& code) {
    for (const Finding& one : plan().findings) {
      if (one.code == code) return one;
    }
    FAIL("no finding: ", code);
    return {};
  }
  void set(Method method, Answer supported, const std::string& why = {}) {
    ability_of(abilities, method).supported = supported;
    ability_of(abilities, method).why = why;
  }
  void name(Method method) { request.rules.method = method; }
  Sibling& add_sibling(const std::string& what = "namespace") {
    for (MethodAbility& one : abilities.methods) one.beyond_target = true;
    Sibling sibling;
    sibling.name = "sdc";
    sibling.what = what;
    sibling.size_bytes = 4096;
    facts("sdb").siblings.push_back(sibling);
    return facts("sdb").siblings.back();
  }
};

inline bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace quietus::test
