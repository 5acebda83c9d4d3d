// SPDX-License-Identifier: GPL-3.0-or-later
// What policies look at of a drive that sanitizes itself: the plan says it before the run as the
// certificate says it after one that went well.
#include <doctest/doctest.h>
#include <functional>
#include <string>

#include "quietus/certificate_policy.h"
#include "quietus/plan_policy.h"

#include "certificate_samples.h"
#include "firmware_rig.h"

namespace quietus::test {
namespace {

/// What a method decides.
std::string text_of(const PolicyFacts& facts) {
  std::string out =
      std::string(name_of(facts.method)) + " " + std::string(name_of(facts.method_level)) + " " +
      std::string(name_of(facts.sanitize_offered)) + " " + facts.scheme + " " + facts.verify + " " +
      std::to_string(facts.passes) + "/" + std::to_string(facts.random_passes);
  for (const bool flag : {facts.not_whole, facts.exceptions, facts.bad_sectors,
                          facts.hidden_area_unknown, facts.hidden_area_left}) {
    out += flag ? " 1" : " 0";
  }
  return out;
}

/// As the program plans it: what the drive said of hidden areas is known.
template <class Rig>
Plan planned(Rig& rig) {
  Plan plan = rig.plan();
  DeviceFacts& device = *plan.targets.front().roots.front().device;
  const Answer present = device.abilities->hidden.present;
  device.hidden_area = present == Answer::yes  ? HiddenArea::present
                       : present == Answer::no ? HiddenArea::none
                                               : HiddenArea::unknown;
  return plan;
}

std::string after(const Plan& plan, const Evidence& evidence) {
  const SigningKey machine = key_of("machine");
  const Issuance issuance = sample_issuance({signer_of(KeyRole::machine, machine)});
  const auto facts =
      policy_facts_of(make_statement(plan, plan.targets[0], evidence, issuance).body);
  REQUIRE(facts.ok());
  return text_of(*facts);
}

template <class Rig>
void check_agreement(Method method, const std::function<void(Rig&)>& arrange) {
  Rig rig;
  rig.method = method;
  arrange(rig);
  CAPTURE(name_of(method));
  const Plan plan = planned(rig);
  const std::string before = text_of(policy_facts_of(plan, plan.targets[0], {}));
  CHECK(before == after(plan, rig.run()));
}

TEST_CASE("policy facts: of a drive's own method, plan and certificate say the same") {
  for (const Method method : {Method::sanitize_crypto, Method::sanitize_block,
                              Method::sanitize_overwrite, Method::secure_erase}) {
    check_agreement<AtaRig>(method, [](AtaRig&) {});
    check_agreement<AtaRig>(method, [](AtaRig& rig) { rig.fake->hpa_blocks = 16; });
    check_agreement<AtaRig>(method, [](AtaRig& rig) {
      rig.fake->hpa_blocks = 16;
      rig.rig.world.rules.keep_hidden_area = true;
    });
    check_agreement<AtaRig>(method, [](AtaRig& rig) { rig.rig.world.rules.then_overwrite = true; });
  }
  for (const Method method :
       {Method::sanitize_crypto, Method::sanitize_block, Method::sanitize_overwrite}) {
    check_agreement<ScsiRig>(method, [](ScsiRig&) {});
    check_agreement<NvmeRig>(method, [](NvmeRig&) {});
  }
  check_agreement<NvmeRig>(Method::format, [](NvmeRig&) {});
}

}  // namespace
}  // namespace quietus::test
