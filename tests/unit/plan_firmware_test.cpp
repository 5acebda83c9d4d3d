// SPDX-License-Identifier: GPL-3.0-or-later
// Plans for drives that have methods of their own: which is chosen and why, what refuses it, and
// what it takes besides.
#include <doctest/doctest.h>
#include <functional>
#include <nlohmann/json.hpp>

#include "quietus/plan_policy.h"
#include "quietus/report.h"

#include "drive_world.h"
#include "report/result_text.h"

namespace quietus::test {
namespace {

using Level = Finding::Level;
using Objects = std::set<std::string>;
using Order = std::vector<Method>;
using W = Method;

/// An SSD on ATA that can sanitize by crypto and block, and erase in enhanced mode.
DriveAbilities ata_abilities() {
  DriveAbilities out;
  out.commands = CommandSet::ata;
  out.identity.serial = "SERIAL-sdb";
  out.identity.size_bytes = 8192;
  for (const Method method : all_methods()) {
    if (!is_firmware(method)) continue;
    MethodAbility ability;
    ability.method = method;
    ability.supported = Answer::no;
    if (method == W::sanitize_crypto || method == W::sanitize_block || method == W::secure_erase) {
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

MethodAbility& ability_of(DriveAbilities& abilities, Method method) {
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
  Order order{W::sanitize_block, W::sanitize_crypto, W::secure_erase, W::overwrite};

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
      if (one.level == Level::refusal) codes += (codes.empty() ? "" : " ") + one.code;
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

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

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
  CHECK(says(refusal.text, "secure_erase: the drive does not have it"));
  CHECK(says(refusal.hint, "--method overwrite"));
  world.order.clear();
  CHECK(world.chosen() == W::overwrite);
}

TEST_CASE("plan method: a drive that can't be asked is known by nothing, not taken as without") {
  FirmwareWorld world;
  world.abilities = {};
  world.abilities.unknown_why = "permission denied";
  CHECK(world.chosen() == W::overwrite);
  world.order.pop_back();
  CHECK(world.refused() == "no_method");
  CHECK(says(world.finding("no_method").text, "not known: permission denied"));
  CHECK(codes_of(world.plan().findings).contains("hidden_area_unknown"));
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
  world.abilities.states = {"opal_locked", "security_locked"};
  CHECK(world.chosen() == W::opal_psid);
  CHECK_FALSE(says(to_json(world.plan()), "PSID\""));
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

struct IdentityCase {
  const char* title;
  std::function<void(FirmwareWorld&)> change;
  bool mismatch;
};

TEST_CASE("plan firmware: the system and the drive speak of one drive") {
  for (const IdentityCase& one : {
           IdentityCase{"the same", [](FirmwareWorld&) {}, false},
           {"spaces",
            [](FirmwareWorld& w) {
              w.facts("sdb").serial = "SER_IAL-1";
              w.abilities.identity.serial = "  SER IAL-1 ";
            },
            false},
           {"another serial", [](FirmwareWorld& w) { w.abilities.identity.serial = "OTHER"; },
            true},
           {"no serial of the system's",
            [](FirmwareWorld& w) {
              w.facts("sdb").serial.clear();
              w.abilities.identity.serial = "OTHER";
            },
            false},
           {"no serial of the drive's",
            [](FirmwareWorld& w) { w.abilities.identity.serial.clear(); }, false},
           {"another namespace",
            [](FirmwareWorld& w) {
              w.facts("sdb").namespace_id = 1;
              w.abilities.identity.namespace_id = 2;
            },
            true},
           {"the same namespace",
            [](FirmwareWorld& w) {
              w.facts("sdb").namespace_id = w.abilities.identity.namespace_id = 2;
            },
            false},
           {"a namespace that is not told",
            [](FirmwareWorld& w) { w.abilities.identity.namespace_id = 2; }, false},
           {"another size", [](FirmwareWorld& w) { w.abilities.identity.size_bytes = 4096; }, true},
           {"a size that is not told",
            [](FirmwareWorld& w) { w.abilities.identity.size_bytes = 0; }, false},
       }) {
    CAPTURE(one.title);
    FirmwareWorld world;
    one.change(world);
    CHECK(world.plan().refused() == one.mismatch);
    if (!one.mismatch) continue;
    CHECK(world.refused() == "identity_mismatch");
    world.name(W::overwrite);  // also for what is not sent to the drive
    CHECK(world.refused() == "identity_mismatch");
    world.abilities.through_bridge = true;  // which has marks of its own
    CHECK_FALSE(world.plan().refused());
    CHECK(world.finding("identity_mismatch").level == Level::warning);
  }
}

TEST_CASE("plan firmware: hidden areas") {
  FirmwareWorld world;
  world.abilities.hidden.present = Answer::yes;
  world.abilities.hidden.kinds = {"hpa", "dco"};
  CHECK(world.plan().targets[0].roots[0].device->hidden_area == HiddenArea::present);
  CHECK(says(world.finding("hidden_area_opened").text, "(hpa, dco)"));
  world.request.rules.keep_hidden_area = true;
  CHECK(says(world.finding("hidden_area_left").text, "no purge"));
  CHECK_FALSE(codes_of(world.plan().findings).contains("hidden_area_opened"));
  world.abilities.hidden.present = Answer::unknown;
  world.abilities.hidden.why = "the bridge shows no registers";
  CHECK(says(world.finding("hidden_area_unknown").text, "the bridge shows no registers"));
  CHECK(world.plan().targets[0].roots[0].device->hidden_area == HiddenArea::unknown);
  world.facts("sdb").hidden_area = HiddenArea::none;  // its kind has none
  CHECK(world.plan().targets[0].roots[0].device->hidden_area == HiddenArea::none);
}

TEST_CASE("plan firmware: warnings fit the method") {
  FirmwareWorld world;
  world.name(W::sanitize_block);
  CHECK_FALSE(codes_of(world.plan().findings).contains("flash_medium"));
  CHECK(codes_of(world.plan().findings).contains("failure_locks"));
  world.request.rules.allow_unrestricted_exit = true;
  CHECK_FALSE(codes_of(world.plan().findings).contains("failure_locks"));
  world.name(W::secure_erase);
  CHECK(says(world.finding("flash_medium").text, "secure_erase counts as clear at most"));
  world.name(W::overwrite);
  CHECK(says(world.finding("flash_medium").text, "overwriting can't reach"));
}

TEST_CASE("plan firmware: zoned drives take what needs no writes") {
  FirmwareWorld world;
  world.facts("sdb").zoned = "host-managed";
  CHECK(world.chosen() == W::sanitize_block);
  world.request.rules.then_overwrite = true;
  CHECK(world.refused() == "zoned_host_managed");
  world.request.rules.then_overwrite = false;
  world.name(W::secure_erase);
  CHECK(world.refused() == "zoned_host_managed");
  world.name(W::overwrite);
  CHECK(world.refused() == "zoned_host_managed");
}

TEST_CASE("plan firmware: what shares the drive is told, and in use or not empty refuses") {
  FirmwareWorld world;
  world.add_sibling();
  CHECK(world.chosen() == W::sanitize_block);
  CHECK(says(world.finding("shares_subsystem").text, "sdc (namespace, 4096 bytes)"));
  CHECK(world.finding("shares_subsystem").level == Level::warning);

  Sibling& sibling = world.facts("sdb").siblings.front();
  sibling.content = {{"filesystem", "ext4", "", "", 1080}};
  CHECK(world.refused() == "sibling_holds_data");
  CHECK(says(world.finding("sibling_holds_data").text, "ext4"));
  world.request.rules.with_siblings = true;
  CHECK(world.chosen() == W::sanitize_block);

  sibling.uses = {{DeviceUse::Kind::mount, "sdc1", "/home"}};
  CHECK(world.refused() == "sibling_in_use");
  CHECK(says(world.finding("sibling_in_use").text, "mount /home"));
  sibling.uses.clear();
  sibling.system_roles = {"holds the root file system"};
  CHECK(world.refused() == "sibling_in_use");

  world.name(W::overwrite);  // reaches what was named, and no more
  CHECK(world.chosen() == W::overwrite);
  CHECK_FALSE(codes_of(world.plan().findings).contains("shares_subsystem"));
}

TEST_CASE("plan firmware: what stands on a sibling through a loop device") {
  FirmwareWorld world;
  world.add_sibling();
  DeviceFacts other = disk("sdc");
  world.add(std::move(other), 4096);
  world.add_loop("loop3", "/dev/sdc");
  CHECK(world.refused() == "sibling_in_use");
  CHECK(says(world.finding("sibling_in_use").hint, "losetup -d /dev/loop3"));
}

TEST_CASE("plan firmware: other ways to the drive, and areas that stay") {
  FirmwareWorld world;
  world.add_sibling("controller").uses = {{DeviceUse::Kind::claim, "nvme1", "somebody"}};
  CHECK(world.chosen() == W::sanitize_block);
  CHECK_FALSE(codes_of(world.plan().findings).contains("shares_subsystem"));
  world.facts("sdb").siblings.front().what = "boot_partition";
  CHECK(world.chosen() == W::sanitize_block);
  CHECK(codes_of(world.plan().findings).contains("areas_not_covered"));
  world.name(W::overwrite);
  CHECK(codes_of(world.plan().findings).contains("areas_not_covered"));
}

TEST_CASE("plan firmware: two of one subsystem are not named together") {
  FirmwareWorld world;
  world.add_sibling();
  world.add(disk("sdc"), 4096);
  world.abilities.identity = {};  // the same answers for both
  const Plan plan = world.make({"/dev/sdb", "/dev/sdc"});
  CHECK(refused_objects(plan, "siblings_named") == Objects{"/dev/sdb", "/dev/sdc"});
  CHECK(plan.targets.empty());
  world.name(W::overwrite);
  CHECK_FALSE(world.make({"/dev/sdb", "/dev/sdc"}).refused());
}

TEST_CASE("plan firmware: what came into use beside the drive since the plan") {
  FirmwareWorld world;
  world.add_sibling();
  const Plan plan = world.plan();
  REQUIRE_FALSE(plan.refused());
  CHECK(recheck(plan, world.platform).empty());
  Sibling& sibling = world.facts("sdb").siblings.front();
  sibling.uses = {{DeviceUse::Kind::mount, "sdc", "/home"}};
  REQUIRE(recheck(plan, world.platform).size() == 1);
  CHECK(says(recheck(plan, world.platform)[0].text, "in use"));
  sibling.uses.clear();
  sibling.name = "sdd";
  CHECK(says(recheck(plan, world.platform)[0].text, "shares its subsystem with others"));
  world.facts("sdb").siblings.clear();
  CHECK_FALSE(recheck(plan, world.platform).empty());
}

TEST_CASE("plan firmware: the plan as text and JSON") {
  FirmwareWorld world;
  world.set(W::sanitize_block, Answer::no, "it has no block erase");
  world.add_sibling();
  const Plan plan = world.plan();
  std::string text;
  for (const std::string& line : lines_of(plan)) text += line + "\n";
  for (const char* part :
       {"sanitized by its own command, sanitize_crypto", "method: sanitize_crypto, COMMAND OF",
        "not sanitize_block: it has no block erase", "takes: about 2 min by the drive's own",
        "beside it: sdc (namespace)", "marks that must be gone"}) {
    CAPTURE(part);
    CHECK(says(text, part));
  }
  CHECK_FALSE(says(text, "scheme:"));
  const auto json = nlohmann::json::parse(to_json(plan));
  CHECK(json["rules"]["method"] == "auto");
  CHECK(json["rules"]["then_overwrite"] == false);
  const auto& target = json["targets"][0];
  CHECK(target["choice"]["method"] == "sanitize_crypto");
  CHECK(target["choice"]["automatic"] == true);
  CHECK(target["choice"]["skipped"][0]["method"] == "sanitize_block");
  const auto& drive = target["roots"][0]["drive"];
  CHECK(drive["siblings"][0]["name"] == "sdc");
  CHECK(drive["abilities"]["commands"] == "ata");
  CHECK(drive["hidden_area"] == "none");
}

TEST_CASE("plan firmware: what changes by itself is no part of the plan") {
  FirmwareWorld world;
  world.add_sibling();
  const std::string before = to_json(world.plan());
  ability_of(world.abilities, W::sanitize_block).estimate_s = 7;
  world.abilities.health.media_errors = 9;
  world.abilities.health.raw = Bytes(4);
  world.abilities.raw.push_back({"ata_identify", {}, Bytes(8)});
  world.abilities.states = {"security_enabled"};
  world.facts("sdb").temperature_millicelsius = 60'000;
  CHECK(to_json(world.plan()) == before);
}

TEST_CASE("plan firmware: facts for policies") {
  FirmwareWorld world;
  const auto facts = [&] {
    const Plan plan = world.plan();
    REQUIRE(plan.targets.size() == 1);
    return policy_facts_of(plan, plan.targets[0], {});
  };
  PolicyFacts seen = facts();
  CHECK(seen.method == W::sanitize_block);
  CHECK(seen.method_level == Category::purge);
  CHECK(seen.sanitize_offered == Answer::yes);
  CHECK(seen.passes == 0);
  CHECK(seen.random_passes == 0);
  world.request.rules.then_overwrite = true;
  CHECK(facts().passes == 1);
  CHECK(facts().random_passes == 1);
  world.request.rules.then_overwrite = false;
  world.name(W::secure_erase);
  CHECK(facts().method_level == Category::clear);
  world.facts("sdb").storage = Storage::rotational;
  CHECK(facts().method_level == Category::purge);
  world.abilities.enhanced_erase = false;
  CHECK(facts().method_level == Category::clear);
  world.name(W::overwrite);
  CHECK(facts().method_level == Category::none);
  CHECK(facts().passes == 1);

  world.name(W::sanitize_block);
  world.abilities.hidden.present = Answer::yes;
  CHECK(facts().method_level == Category::purge);
  CHECK_FALSE(facts().hidden_area_left);
  world.request.rules.keep_hidden_area = true;
  seen = facts();
  CHECK(seen.hidden_area_left);
  CHECK(seen.exceptions);
  CHECK(seen.method_level == Category::none);
  world.abilities.hidden.present = Answer::unknown;
  seen = facts();
  CHECK(seen.hidden_area_unknown);
  CHECK_FALSE(seen.hidden_area_left);
  CHECK(seen.method_level == Category::none);

  world.name(W::overwrite);
  world.set(W::sanitize_block, Answer::no);
  world.set(W::sanitize_crypto, Answer::no);
  CHECK(facts().sanitize_offered == Answer::no);
  world.set(W::sanitize_overwrite, Answer::unknown);
  CHECK(facts().sanitize_offered == Answer::unknown);
  world.request.survey = {};
  CHECK(facts().sanitize_offered == Answer::unknown);
}

}  // namespace
}  // namespace quietus::test
