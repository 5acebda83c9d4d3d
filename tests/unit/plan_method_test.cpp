// SPDX-License-Identifier: GPL-3.0-or-later
// Which method a plan chooses for a drive, and why others are not.
#include <doctest/doctest.h>

#include "method_world.h"

namespace quietus::test {
namespace {

using Level = Finding::Level;
using Objects = std::set<std::string>;
using W = Method;

TEST_CASE("plan method: the first of the policy's order that the drive has") {
  FirmwareWorld world;
  CHECK(world.chosen() == W::sanitize_block);
  const Plan plan = world.plan();
  CHECK(plan.targets[0].choice.automatic);
  CHECK(plan.targets[0].choice.skipped.empty());
  CHECK(plan.targets[0].roots[0].device->hidden_area == HiddenArea::none);
  world.set(W::sanitize_block, Answer::no, "it has no block erase");
  CHECK(world.chosen() == W::sanitize_crypto);
  const MethodChoice choice = world.plan().targets[0].choice;
  REQUIRE(choice.skipped.size() == 1);
  CHECK(choice.skipped[0].method == W::sanitize_block);
  CHECK(choice.skipped[0].why == "it has no block erase");
}

TEST_CASE("plan method: what is not known is skipped, and says so") {
  FirmwareWorld world;
  world.set(W::sanitize_block, Answer::unknown, "no registers came back");
  world.set(W::sanitize_crypto, Answer::unknown);
  CHECK(world.chosen() == W::secure_erase);
  const auto skipped = world.plan().targets[0].choice.skipped;
  REQUIRE(skipped.size() == 2);
  CHECK(says(skipped[0].why, "not known: no registers came back"));
  CHECK(says(skipped[1].why, "not known"));
}

TEST_CASE("plan method: overwriting where nothing else is there and the policy has it") {
  FirmwareWorld world;
  for (const Method method : {W::sanitize_block, W::sanitize_crypto, W::secure_erase}) {
    world.set(method, Answer::no);
  }
  CHECK(world.chosen() == W::overwrite);
  CHECK(world.plan().targets[0].choice.skipped.size() == 3);
  CHECK(codes_of(world.plan().findings).contains("flash_medium"));
  world.order.pop_back();
  CHECK(world.refused() == "no_method");
  const Finding refusal = world.finding("no_method");
  CHECK(says(refusal.text, "secure-erase: the drive does not have it"));
  CHECK(says(refusal.hint, "--method overwrite"));
  world.order.clear();
  CHECK(world.chosen() == W::overwrite);
}

TEST_CASE("plan method: a drive that can't be asked is known by nothing, not taken as without") {
  FirmwareWorld world;
  world.abilities = {};
  world.abilities.unknown_why = "permission denied";
  CHECK(world.chosen() == W::overwrite);
  CHECK(codes_of(world.plan().findings).contains("hidden_area_unknown"));
  world.order.pop_back();
  CHECK(world.refused() == "no_method");
  CHECK(says(world.finding("no_method").text, "not known: permission denied"));
}

TEST_CASE("plan method: what has no firmware is not asked, and overwritten") {
  FirmwareWorld world;
  world.add_partition("sdb1", "sdb", {4096, 4096});
  world.add_loop("loop3", "/srv/other.img");
  world.order = {W::sanitize_block};
  for (const char* path : {"/dev/sdb1", "/dev/loop3"}) {
    CAPTURE(path);
    const Plan plan = world.make({path});
    CHECK_FALSE(plan.refused());
    CHECK(plan.targets[0].choice.method == W::overwrite);
    CHECK(plan.targets[0].choice.automatic);
    CHECK(says(plan.targets[0].choice.why, "no firmware of its own"));
    CHECK_FALSE(plan.targets[0].roots[0].device->abilities.has_value());
  }
  CHECK(world.asked == 0);
  world.facts("sdb").storage = Storage::virtual_;
  world.abilities = {};  // what asking of a virtual drive gives
  CHECK(world.chosen() == W::overwrite);
  CHECK_FALSE(world.plan().targets[0].roots[0].device->abilities.has_value());
}

TEST_CASE("plan method: a drive that is refused for other reasons is not asked") {
  FirmwareWorld world;
  world.facts("sdb").uses = {{DeviceUse::Kind::mount, "sdb", "/mnt"}};
  CHECK(world.refused() == "mounted");
  CHECK(world.asked == 0);
}

struct StateCase {
  const char* state;
  Method method;
  std::string code;  ///< empty: nothing speaks against it
};

TEST_CASE("plan method: states of the drive") {
  for (const StateCase& one : {
           StateCase{"security_frozen", W::secure_erase, "drive_frozen"},
           {"security_frozen", W::sanitize_block, ""},
           {"security_frozen", W::overwrite, ""},
           {"security_count_expired", W::secure_erase, "drive_frozen"},
           {"sanitize_frozen", W::sanitize_block, "drive_frozen"},
           {"sanitize_frozen", W::sanitize_crypto, "drive_frozen"},
           {"sanitize_frozen", W::secure_erase, ""},
           {"security_locked", W::sanitize_block, "drive_locked"},
           {"security_locked", W::secure_erase, "drive_locked"},
           {"security_locked", W::overwrite, "drive_locked"},
           {"opal_locked", W::sanitize_crypto, "drive_locked"},
           {"opal_locked", W::overwrite, "drive_locked"},
           {"sanitize_running", W::sanitize_block, "operation_running"},
           {"sanitize_running", W::overwrite, "operation_running"},
           {"format_running", W::secure_erase, "operation_running"},
           {"sanitize_failed", W::sanitize_crypto, ""},
           {"sanitize_failed", W::secure_erase, "sanitize_failed"},
           {"sanitize_failed", W::overwrite, "sanitize_failed"},
           {"security_enabled", W::sanitize_block, ""},
           {"opal_present", W::overwrite, ""},
       }) {
    CAPTURE(one.state);
    CAPTURE(name_of(one.method));
    FirmwareWorld world;
    world.abilities.states = {one.state};
    world.name(one.method);
    if (one.code.empty()) {
      CHECK(world.chosen() == one.method);
    } else {
      CHECK(world.refused() == one.code);
      CHECK_FALSE(world.finding(one.code).hint.empty());
    }
  }
}

TEST_CASE("plan method: remedies in words") {
  FirmwareWorld world;
  world.name(W::secure_erase);
  world.abilities.states = {"security_frozen"};
  CHECK(says(world.finding("drive_frozen").hint, "suspend the machine"));
  CHECK(says(world.finding("drive_frozen").hint, "unplug the drive's power"));
  CHECK(says(world.finding("drive_frozen").hint, "another port"));
  world.abilities.states = {"sanitize_running"};
  CHECK(says(world.finding("operation_running").hint, "quietus status /dev/sdb --wait"));
  world.name(W::sanitize_block);
  world.abilities.states = {"sanitize_failed"};
  CHECK(world.finding("sanitize_failed").level == Level::warning);
}

TEST_CASE("plan method: by the policy's order, a frozen method is passed over") {
  FirmwareWorld world;
  world.abilities.states = {"sanitize_frozen"};
  CHECK(world.chosen() == W::secure_erase);
  CHECK(says(world.plan().targets[0].choice.skipped[0].why, "frozen"));
  world.abilities.states = {"sanitize_frozen", "security_frozen"};
  CHECK(world.chosen() == W::overwrite);
  world.order.pop_back();
  CHECK(world.refused() == "no_method");
  // A drive that takes nothing at all is not one that has no method.
  world.abilities.states = {"sanitize_running"};
  CHECK(world.refused() == "operation_running");
  world.abilities.states = {"security_locked"};
  world.order.push_back(W::overwrite);
  CHECK(world.refused() == "drive_locked");
}

TEST_CASE("plan method: one that was named is taken or refused, never another") {
  FirmwareWorld world;
  world.name(W::sanitize_crypto);
  CHECK(world.chosen() == W::sanitize_crypto);
  CHECK_FALSE(world.plan().targets[0].choice.automatic);
  world.set(W::sanitize_crypto, Answer::no, "its keys can't be changed");
  CHECK(world.refused() == "method_unsupported");
  CHECK(says(world.finding("method_unsupported").text, "its keys can't be changed"));
  world.set(W::sanitize_crypto, Answer::unknown, "no answer");
  CHECK(world.refused() == "method_unknown");
  world.abilities.methods.clear();
  CHECK(world.refused() == "method_unknown");
  world.request.survey = {};
  CHECK(world.refused() == "method_unknown");
  world.facts("sdb").storage = Storage::virtual_;
  CHECK(world.refused() == "method_unsupported");
}

TEST_CASE("plan method: parts of a drive and files have none of their own") {
  FirmwareWorld world;
  world.add_partition("sdb1", "sdb", {4096, 4096});
  world.name(W::sanitize_block);
  const Plan part = world.make({"/dev/sdb1"});
  CHECK(refused_objects(part, "method_unsupported") == Objects{"/dev/sdb1"});
  for (const Finding& one : part.findings) {
    if (one.code == "method_unsupported") CHECK(says(one.hint, "/dev/sdb"));
  }
  world.platform.add_file("/srv/disk.img", std::string(4096, 'x'));
  const Plan image = world.make({"/srv/disk.img"});
  CHECK(refused_objects(image, "method_unsupported") == Objects{"/srv/disk.img"});
}

TEST_CASE("plan method: what takes a word of its own") {
  FirmwareWorld world;
  world.name(W::secure_erase);
  world.abilities.through_bridge = true;
  CHECK(world.refused() == "usb_security");
  world.request.rules.allow_usb_security = true;
  CHECK(world.chosen() == W::secure_erase);
  CHECK(world.finding("usb_security").level == Level::warning);
  world.abilities.through_bridge = false;
  world.request.rules.allow_usb_security = false;
  world.facts("sdb").bus = "usb";
  CHECK(world.refused() == "usb_security");

  world.name(W::format);
  world.set(W::format, Answer::yes);
  CHECK(world.chosen() == W::format);  // by other commands
  world.abilities.commands = CommandSet::scsi;
  CHECK(world.refused() == "format_unit");
  world.request.rules.allow_format_unit = true;
  CHECK(world.chosen() == W::format);

  world.name(W::opal_psid);
  world.set(W::opal_psid, Answer::yes);
  CHECK(world.refused() == "psid_missing");
  world.request.psid = "PSID";
  CHECK(world.chosen() == W::opal_psid);
  world.abilities.states = {"opal_locked"};
  world.facts("sdb").content.reset();  // its reads fail
  CHECK(world.chosen() == W::opal_psid);
  CHECK(world.finding("content_unknown").level == Level::warning);
  CHECK_FALSE(says(to_json(world.plan()), "PSID\""));
  world.abilities.states = {"opal_locked", "security_locked"};
  CHECK(world.refused() == "drive_locked");  // it takes no commands of Opal then
}

TEST_CASE("plan method: a key is erased where its header is, and nowhere else") {
  FirmwareWorld world;
  world.name(W::key_erase);
  CHECK(world.refused() == "no_key_header");
  const ContentSignature header{"crypto", "crypto_LUKS", "", "1234", 0};
  world.facts("sdb").content = {{"crypto", "crypto_LUKS", "", "1234", 4096}};
  CHECK(world.refused() == "no_key_header");
  // On a partition it is not the drive's, although the drive's content shows it.
  world.facts("sdb").content->clear();
  DeviceFacts& part = world.add_partition("sdb1", "sdb", {4096, 4096});
  part.content = {header};
  CHECK(world.refused() == "no_key_header");
  CHECK(says(world.finding("no_key_header").hint, "/dev/sdb1"));
  const Plan plan = world.make({"/dev/sdb1"});
  CHECK_FALSE(plan.refused());
  CHECK(plan.targets[0].choice.method == W::key_erase);
  world.facts("sdb").content = {header};
  CHECK(world.chosen() == W::key_erase);
  const Finding copies = world.finding("key_copies");
  CHECK(says(copies.text, "detached header"));
  CHECK(says(copies.text, "nothing is claimed"));
  world.request.declarations.always_encrypted = true;
  world.request.declarations.no_residual_copies = true;
  CHECK_FALSE(says(world.finding("key_copies").text, "nothing is claimed"));
}

}  // namespace
}  // namespace quietus::test
