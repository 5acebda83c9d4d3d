// SPDX-License-Identifier: GPL-3.0-or-later
// Plans for drives that were asked: who they are, what they hide, what a method takes besides, and
// how that stands in the plan.
#include <doctest/doctest.h>
#include <functional>
#include <nlohmann/json.hpp>

#include "quietus/plan_policy.h"
#include "quietus/report.h"

#include "method_world.h"
#include "report/result_text.h"

namespace quietus::test {
namespace {

using Level = Finding::Level;
using Objects = std::set<std::string>;
using W = Method;

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
           {"another name of a namespace",
            [](FirmwareWorld& w) {
              w.abilities.commands = CommandSet::nvme;
              w.facts("sdb").wwn = "eui.0025385b71000001";
              w.abilities.identity.wwn = "eui.0025385b71000081";
            },
            true},
           {"a name of another kind",
            [](FirmwareWorld& w) {
              w.abilities.commands = CommandSet::nvme;
              w.facts("sdb").wwn = "eui.0025385b71000001";
              w.abilities.identity.wwn = "uuid.0f1e2d3c-4b5a-4968-b7a6-842300000001";
            },
            false},
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

TEST_CASE("plan firmware: a drive that can't be read is asked why") {
  FirmwareWorld world;
  world.facts("sdb").content.reset();
  world.facts("sdb").content_unknown = "I/O error";
  world.name(W::sanitize_block);
  CHECK(world.refused() == "content_unknown");
  world.abilities.states = {"sanitize_running"};
  CHECK(world.refused() == "operation_running");
  world.abilities.states = {"sanitize_failed"};
  CHECK_FALSE(world.plan().refused());
  CHECK(world.finding("content_unknown").level == Level::warning);
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
  CHECK(says(world.finding("flash_medium").text, "secure-erase counts as clear at most"));
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

TEST_CASE("plan firmware: namespaces that the system does not show hold what nobody knows") {
  FirmwareWorld world;
  world.facts("sdb").namespace_id = 1;
  for (MethodAbility& one : world.abilities.methods) one.beyond_target = true;
  world.abilities.namespaces = {1};
  CHECK_FALSE(world.plan().refused());
  world.abilities.namespaces = {1, 9};
  CHECK(world.refused() == "sibling_holds_data");
  CHECK(says(world.finding("sibling_holds_data").text, "namespace 9"));
  world.request.rules.with_siblings = true;
  const Plan plan = world.plan();
  REQUIRE_FALSE(plan.refused());
  CHECK(plan.targets[0].roots[0].device->siblings.size() == 1);
  CHECK(recheck(plan, world.platform).empty());
}

TEST_CASE("plan firmware: a password of somebody else's keeps from an erase by password") {
  FirmwareWorld world;
  world.abilities.states = {"security_enabled"};
  world.name(W::secure_erase);
  CHECK(world.refused() == "password_set");
  world.name(W::sanitize_block);
  CHECK_FALSE(world.plan().refused());
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
       {"sanitized by its own command, sanitize-crypto", "method: sanitize-crypto, COMMAND OF",
        "not sanitize-block: it has no block erase", "takes: about 2 min by the drive's own",
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
