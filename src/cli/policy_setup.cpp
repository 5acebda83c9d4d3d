// SPDX-License-Identifier: GPL-3.0-or-later
// Which policies decide on a run, and what the site file adds to the command line.
#include "cli/policy_setup.h"

#include <algorithm>
#include <utility>

#include "quietus/text.h"

#include "cli/guarded_file.h"
#include "cli/identifiers.h"
#include "cli/key_lookup.h"

namespace quietus::cli {
namespace {

constexpr std::size_t kDateLength = 10;

/// "RULE=REASON". Errors: invalid.
Result<Override> override_from(const std::string& text, const Options& options) {
  const std::size_t equals = std::min(text.find('='), text.size());
  Override out;
  out.rule = text.substr(0, equals);
  out.reason = text.substr(std::min(equals + 1, text.size()));
  out.approver.name = options.override_by;
  out.reference = options.override_ref;
  if (out.rule.empty() || out.reason.empty()) {
    return Error{Errc::invalid, 0, "an override needs a rule and a reason: " + text,
                 "--override RULE=REASON --override-by NAME"};
  }
  if (out.approver.name.empty()) {
    return Error{Errc::invalid, 0, "nobody is named who lets the rule " + out.rule + " go",
                 "--override-by NAME"};
  }
  if (!can_be_let_go(out.rule)) {
    return Error{Errc::invalid, 0, "no rule that can be let go: " + out.rule,
                 "quietus-policy(5) lists the rules"};
  }
  return out;
}

void fill_in(std::string& text, const std::string& otherwise) {
  if (text.empty()) text = otherwise;
}

void add_site(Options& options, const Site& site) {
  Declarations& declared = options.declarations;
  fill_in(declared.organisation, site.organisation);
  fill_in(declared.location, site.location);
  if (site.classification && !options.classification_given) {
    declared.classification = *site.classification;
  }
  const bool has_operator =
      std::any_of(declared.people.begin(), declared.people.end(),
                  [](const DeclaredPerson& one) { return one.role == "operator"; });
  if (!site.operator_.name.empty() && !has_operator && options.key.empty()) {
    declared.people.push_back({"operator", site.operator_, {}});
  }
}

Result<Site> site_in(const std::string& path, Platform& platform) {
  const Result<std::string> text =
      read_guarded_text(platform, path, Guarded::settings, kMaxSiteBytes);
  if (!text) return text.error();
  return site_from_toml(*text, path);
}

Status add_named(PolicyChoice& choice, const std::string& id) {
  const bool twice = std::any_of(choice.policies.begin(), choice.policies.end(),
                                 [&](const ChosenPolicy& one) { return one.policy.id == id; });
  if (twice) return {};
  Result<Policy> policy = find_policy(id);
  if (!policy) return policy.error();
  choice.policies.push_back({std::move(*policy), true});
  return {};
}

Status add_file(PolicyChoice& choice, const std::string& path, Platform& platform) {
  Result<Policy> policy = policy_from_file(platform, path);
  if (!policy) return policy.error();
  choice.policies.push_back({std::move(*policy), true});
  return {};
}

/// What the organisation set holds beside what the command line asks for.
Status add_policies(PolicyChoice& choice, const Options& options, const Site& site,
                    Platform& platform) {
  for (const std::string& id : options.policies) {
    if (Status added = add_named(choice, id); !added) return added;
  }
  for (const std::string& path : {options.policy_file, site.policy_file}) {
    if (path.empty()) continue;
    if (Status added = add_file(choice, path, platform); !added) return added;
  }
  if (!site.policy_id.empty()) {
    if (Status added = add_named(choice, site.policy_id); !added) return added;
  }
  if (!choice.policies.empty()) return {};
  Result<Policy> usual = find_policy(kDefaultPolicy);
  if (!usual) return usual.error();
  choice.policies.push_back({std::move(*usual), false});
  return {};
}

}  // namespace

Status check_operator(const Options& options, Platform& platform) {
  if (options.key.empty()) return {};
  const Result<PublicHalf> half = public_half_of(options.key, platform);
  if (!half || !half->facts) return {};
  const std::string& name = half->facts->name;
  for (const DeclaredPerson& one : options.declarations.people) {
    if (one.role != "operator" || same_name(one.person.name, name)) continue;
    return Error{Errc::invalid, 0,
                 one.person.name + " is declared as the operator, and the key is " + name + "'s",
                 "who runs it signs it: --operator may be left out beside --key"};
  }
  for (const Override& one : options.declarations.overrides) {
    if (!same_name(one.approver.name, name)) continue;
    return Error{Errc::invalid, 0, name + " signs as operator and can't let a rule go",
                 "an override is approved by somebody else"};
  }
  return {};
}

Result<Policy> policy_from_file(Platform& platform, const std::string& path) {
  const Result<std::string> text =
      read_guarded_text(platform, path, Guarded::settings, kMaxPolicyBytes);
  if (!text) return text.error();
  return policy_from_toml(*text, path);
}

Result<Site> site_of(const Options& options, Platform& platform) {
  Result<Site> standing = site_in(std::string(kSiteFile), platform);
  const bool is_there = standing.ok() || standing.error().code != Errc::not_found;
  if (options.site_file.empty()) return is_there ? std::move(standing) : Site{};
  if (is_there && (!standing || standing->enforce)) {
    return Error{Errc::invalid, 0,
                 std::string(kSiteFile) + " enforces its policy, and --site-file can't replace it"};
  }
  return site_in(options.site_file, platform);
}

Result<Options> with_site(const Options& options, const Site& site) {
  Options out = options;
  add_site(out, site);
  if (options.overrides.empty() && !(options.override_by + options.override_ref).empty()) {
    return Error{Errc::invalid, 0, "--override-by and --override-ref need --override RULE=REASON"};
  }
  for (const std::string& text : options.overrides) {
    Result<Override> one = override_from(text, options);
    if (!one) return one.error();
    out.declarations.overrides.push_back(std::move(*one));
  }
  if (Status good = check_declarations(out.declarations); !good) return good.error();
  if (Status good = check_overriders(out.declarations); !good) return good.error();
  return out;
}

Result<PolicyChoice> choose_policies(const Options& options, const Site& site, Seams& seams) {
  PolicyChoice out;
  if (Status added = add_policies(out, options, site, seams.platform); !added) return added.error();
  out.context.today = to_rfc3339(seams.clock.now()).substr(0, kDateLength);
  out.context.tool_sha256 = digest_of_program(seams.platform);
  out.context.has_operator_key = !options.key.empty();
  out.context.enforce = options.enforce || site.enforce;
  out.context.contact = site.security_contact;
  return out;
}

Result<JudgedOptions> judged_options(const Options& options, Seams& seams) {
  const Result<Site> site = site_of(options, seams.platform);
  if (!site) return site.error().in("cannot use the site file");
  Result<Options> filled = with_site(options, *site);
  if (!filled) return filled.error();
  if (Status good = check_operator(*filled, seams.platform); !good) return good.error();
  Result<PolicyChoice> choice = choose_policies(*filled, *site, seams);
  if (!choice) return choice.error().in("cannot use the policy");
  return JudgedOptions{std::move(*filled), std::move(*choice)};
}

}  // namespace quietus::cli
