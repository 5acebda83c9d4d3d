// SPDX-License-Identifier: GPL-3.0-or-later
// What a job's file says of its drive: there and back, and which drive may be the same later.
#include "cli/job_request.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "cli/abilities_json.h"
#include "drive_world.h"

namespace quietus::test {
namespace {

DriveAbilities some_abilities() {
  DriveAbilities abilities;
  abilities.commands = CommandSet::ata;
  abilities.through_bridge = true;
  abilities.identity.model = "Model \xff";  // not UTF-8
  abilities.identity.serial = "SERIAL";
  abilities.identity.namespace_id = 7;
  abilities.identity.size_bytes = std::uint64_t{1} << 60U;
  MethodAbility ability;
  ability.method = Method::sanitize_crypto;
  ability.supported = Answer::yes;
  ability.why = "since it says so";
  ability.command = "SANITIZE DEVICE";
  ability.estimate_s = 120;
  ability.estimate_is_least = true;
  ability.beyond_target = true;
  abilities.methods.push_back(ability);
  abilities.hidden = {Answer::yes, {"hpa", "dco"}, 4096, 8192, "needs a power cycle"};
  abilities.states = {"sanitize_frozen"};
  abilities.enhanced_erase = true;
  abilities.format_ses = 2;
  abilities.namespaces = {1, 7};
  abilities.raw.push_back({"ata_identify", Time{}, Bytes(4, std::byte{0xab})});
  return abilities;
}

/// A plan of one drive by one of its own methods.
struct JobWorld : DriveWorld {
  JobWorld() {
    DeviceFacts& facts = add(disk("sdx"));
    facts.place = {0, 8192};
  }
  Plan plan() {
    Plan made = make({"/dev/sdx"});
    REQUIRE(made.targets.size() == 1);
    made.rules.method = std::nullopt;
    made.rules.then_overwrite = made.rules.with_siblings = true;
    Target& target = made.targets.front();
    target.choice = {Method::sanitize_crypto,
                     true,
                     "it is the first",
                     {{Method::sanitize_block, "it has none"}}};
    target.roots.front().device->abilities = some_abilities();
    return made;
  }
  cli::JobRequest request() {
    const Plan made = plan();
    return cli::request_of(made, made.targets.front(), platform.machine());
  }
};

TEST_CASE("job_request: method, rules and abilities come back as they were") {
  JobWorld world;
  const auto read = cli::request_from(cli::to_line(world.request()));
  REQUIRE(read.ok());
  CHECK_FALSE(read->rules.method.has_value());
  CHECK(read->rules.then_overwrite);
  CHECK(read->rules.with_siblings);
  CHECK_FALSE(read->rules.allow_usb_security);
  CHECK(read->choice.method == Method::sanitize_crypto);
  CHECK(read->choice.automatic);
  REQUIRE(read->choice.skipped.size() == 1);
  CHECK(read->choice.skipped.front().why == "it has none");
  REQUIRE(read->abilities.has_value());
  CHECK(read->abilities->identity == some_abilities().identity);
  CHECK(read->abilities->namespaces == some_abilities().namespaces);
  CHECK(cli::json_of(*read->abilities) == cli::json_of(some_abilities()));
}

TEST_CASE("job_request: abilities that are not understood are refused") {
  nlohmann::ordered_json json = cli::json_of(some_abilities());
  json["commands"] = "telepathy";
  CHECK_FALSE(cli::abilities_from(json).ok());
  json = cli::json_of(some_abilities());
  json["methods"][0]["method"] = "prayer";
  CHECK_FALSE(cli::abilities_from(json).ok());
  json = cli::json_of(some_abilities());
  json["hidden"].erase("present");
  CHECK_FALSE(cli::abilities_from(json).ok());
}

TEST_CASE("job_request: a drive may be larger later where it hid something, and only then") {
  JobWorld world;
  cli::JobRequest request = world.request();
  DeviceFacts now = world.facts("sdx");
  now.size_bytes = now.place.length = request.size_bytes;
  CHECK(cli::may_be(request, now));
  now.size_bytes = now.place.length = request.size_bytes + 4096;
  CHECK(cli::may_be(request, now));
  now.size_bytes = now.place.length = request.size_bytes - 512;
  CHECK_FALSE(cli::may_be(request, now));
  now.size_bytes = now.place.length = request.size_bytes + 4096;
  request.abilities->hidden.present = Answer::no;
  CHECK_FALSE(cli::may_be(request, now));
  request.abilities->hidden.present = Answer::yes;
  now.serial = "ANOTHER";
  CHECK_FALSE(cli::may_be(request, now));
}

TEST_CASE("job_request: a plan that is made again goes on by the job's method") {
  JobWorld world;
  const cli::JobRequest request = world.request();
  Plan again = world.make({"/dev/sdx"});
  cli::go_on_by(request, again);
  const Target& target = again.targets.front();
  CHECK(target.choice.method == Method::sanitize_crypto);
  CHECK(target.roots.front().device->abilities->commands == CommandSet::ata);
  CHECK_FALSE(again.rules.method.has_value());
}

}  // namespace
}  // namespace quietus::test
