// SPDX-License-Identifier: GPL-3.0-or-later
// From options to a drive's method: what is asked for by which words, in whose order, and what
// makes no sense.
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "cli/destroy_request.h"
#include "cli/drive_survey.h"
#include "policy_facts_samples.h"
#include "unit/app_world.h"
#include "unit/drive_world.h"

namespace quietus::test {
namespace {

using Words = std::vector<std::string>;
using Order = std::vector<Method>;

cli::Options options_of(const Words& words) {
  Words all{"drives"};
  all.insert(all.end(), words.begin(), words.end());
  all.emplace_back("/dev/sdb");
  const auto parsed = cli::parse(all);
  REQUIRE(std::holds_alternative<cli::Options>(parsed));
  return std::get<cli::Options>(parsed);
}

Rules rules_from(const Words& words) {
  MemoryPlatform platform;
  const Result<Request> request = cli::destroy_request(options_of(words), platform);
  REQUIRE_MESSAGE(request.ok(), (request.ok() ? "" : request.error().what));
  return request->rules;
}

bool is_senseless(const Words& words) {
  MemoryPlatform platform;
  const Result<Request> request = cli::destroy_request(options_of(words), platform);
  return !request && request.error().code == Errc::invalid;
}

TEST_CASE("methods from options: by the policy, unless it is said what to overwrite with") {
  CHECK_FALSE(rules_from({}).method.has_value());
  CHECK_FALSE(rules_from({"--method", "auto"}).method.has_value());
  for (const Words& passes :
       {Words{"--scheme", "zero"}, {"--rounds", "2"}, {"--keystream", "chacha20"}}) {
    CHECK(rules_from(passes).method == Method::overwrite);
    Words then = passes;
    then.emplace_back("--then-overwrite");  // says what to overwrite with afterwards
    CHECK_FALSE(rules_from(then).method.has_value());
    then = passes;
    then.insert(then.end(), {"--method", "auto"});
    CHECK_FALSE(rules_from(then).method.has_value());
  }
  CHECK(rules_from({"--method", "sanitize-block"}).method == Method::sanitize_block);
  const Rules all =
      rules_from({"--then-overwrite", "--keep-hidden-area", "--allow-usb-security",
                  "--allow-unrestricted-exit", "--allow-format-unit", "--with-siblings"});
  CHECK(all.then_overwrite);
  CHECK(all.keep_hidden_area);
  CHECK(all.allow_usb_security);
  CHECK(all.allow_unrestricted_exit);
  CHECK(all.allow_format_unit);
  CHECK(all.with_siblings);
}

TEST_CASE("methods from options: what would have no effect was meant otherwise") {
  CHECK(is_senseless({"--method", "overwrite", "--then-overwrite"}));
  CHECK(is_senseless({"--method", "format", "--scheme", "zero"}));
  CHECK_FALSE(is_senseless({"--method", "format", "--scheme", "zero", "--then-overwrite"}));
  CHECK(is_senseless({"--psid", "ABC"}));
  CHECK(is_senseless({"--method", "format", "--psid", "ABC"}));
  CHECK(is_senseless({"--method", "opal-psid", "--psid", "AB C"}));
  CHECK(is_senseless({"--method", "opal-psid", "--psid", std::string(65, 'A')}));
}

TEST_CASE("methods from options: a PSID from a file, and never in the plan") {
  MemoryPlatform platform;
  platform.add_file("/root/psid", "ABCDEF0123456789\n", 0600);
  const auto read = [&](const std::string& path) {
    return cli::psid_of(options_of({"--method", "opal-psid", "--psid-file", path}), platform);
  };
  const Result<std::string> psid = read("/root/psid");
  REQUIRE_MESSAGE(psid.ok(), (psid.ok() ? "" : psid.error().what));
  CHECK(*psid == "ABCDEF0123456789");
  platform.add_file("/root/empty", "\n", 0600);
  CHECK_FALSE(read("/root/empty").ok());
  CHECK_FALSE(read("/root/none").ok());
}

TEST_CASE("the order of methods is the first policy's, for what the drive is") {
  const Policy policy = built_in("uk-moj");
  Request request;
  DeviceFacts drive = disk("sdb");
  CHECK(cli::order_of(policy, drive, request) == Order{});  // a hard disk: its passes
  drive.storage = Storage::flash;
  CHECK(cli::order_of(policy, drive, request).front() == Method::sanitize_block);
  CHECK(cli::order_of(policy, drive, request).back() == Method::overwrite);
  request.declarations.purpose = Purpose::disposal;
  CHECK(cli::order_of(policy, drive, request).back() == Method::sanitize_overwrite);
  drive.bus = "nvme";
  request.declarations.purpose = Purpose::reuse;
  CHECK(cli::order_of(policy, drive, request).back() == Method::format);
}

TEST_CASE("a method that stands for no passes is taken only together with them") {
  const Policy policy = built_in("uk-moj");
  Request request;
  request.declarations.classification = Classification::official_sensitive;
  request.declarations.purpose = Purpose::disposal;
  const DeviceFacts drive = disk("sdb");
  CHECK(cli::order_of(policy, drive, request).empty());
  request.rules.then_overwrite = true;
  CHECK(cli::order_of(policy, drive, request).front() == Method::sanitize_overwrite);
  CHECK(cli::order_of(policy, drive, request).back() == Method::overwrite);
}

TEST_CASE("what has no firmware is not opened to be asked, and what can't be opened says why") {
  MemoryPlatform platform;
  DeviceFacts loop = disk("loop3");
  loop.kind = DeviceKind::loop;
  CHECK(cli::ask_drive(loop, platform).unknown_why.empty());
  CHECK(platform.count("open_device") == 0);
  DeviceFacts gone = disk("sdz");
  gone.size_bytes = 4096;
  const DriveAbilities asked = cli::ask_drive(gone, platform);
  CHECK(asked.commands == CommandSet::none);
  CHECK_FALSE(asked.unknown_why.empty());
}

}  // namespace
}  // namespace quietus::test
