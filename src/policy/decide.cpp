// SPDX-License-Identifier: GPL-3.0-or-later
// The decision: what a policy's cell says of facts, before a run and after it. Never permits more
// than the evidence, the cell and the administration each allow.
#include <algorithm>
#include <array>
#include <utility>

#include "quietus/policy_table.h"

namespace quietus {
namespace {

constexpr std::string_view kOwnRule = "quietus-policy(5), rules of every policy";

std::string number_of(std::uint32_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : what.ends_with("s") ? "es" : "s");
}

/// What is not met of a cell's method.
struct Shortfall {
  std::string_view code;
  std::string text;
  bool can_be_let_go = false;
  bool never_here = false;  ///< no software does it, or the drive does not have it
};

/// What a method counts as. With an area that was left hidden nothing is purged.
Category counted_level(const PolicyFacts& facts) {
  return facts.hidden_area_left ? std::min(facts.method_level, Category::clear)
                                : facts.method_level;
}

bool is_purged_by_firmware(const PolicyFacts& facts) {
  return is_firmware(facts.method) && counted_level(facts) == Category::purge;
}

/// The method and what it counts as, in words.
std::string counted_text(const PolicyFacts& facts) {
  std::string text = "the method is " + std::string(name_of(facts.method));
  if (is_firmware(facts.method) || facts.method == Method::key_erase) {
    text += ", which here counts as " + std::string(name_of(counted_level(facts)));
  }
  return text;
}

/// The destruction of a key under which all of the medium was written: of the medium's own by the
/// drive, or of the volume's.
bool destroys_key(const PolicyFacts& facts) {
  if (facts.method == Method::key_erase) return counted_level(facts) >= Category::clear;
  const bool of_drive =
      facts.method == Method::sanitize_crypto || facts.method == Method::opal_psid;
  return of_drive && counted_level(facts) == Category::purge;
}

struct NeedRow {
  PolicyNeed need;
  bool PolicyFacts::*has;
  std::string_view text;
};

constexpr std::array kNeeds{
    NeedRow{PolicyNeed::asset_tag, &PolicyFacts::has_tag, "No asset tag is given"},
    NeedRow{PolicyNeed::organisation, &PolicyFacts::has_organisation, "No organisation is named"},
    NeedRow{PolicyNeed::retention_ref, &PolicyFacts::has_retention_ref,
            "No reference says that retention was checked"},
    NeedRow{PolicyNeed::approval_ref, &PolicyFacts::has_approval_ref,
            "No reference of an approval is given"},
    NeedRow{PolicyNeed::residual_copies, &PolicyFacts::has_residual_statement,
            "Nothing is said of residual copies (backups, archives, replicas)"},
    NeedRow{PolicyNeed::final_date, &PolicyFacts::has_final_date,
            "It is not said by when all residual copies are gone"},
    NeedRow{PolicyNeed::destination, &PolicyFacts::has_destination,
            "It is not said where the medium goes"},
};

struct PeopleRow {
  std::string_view code;
  RoleCount PolicyFacts::*count;
  std::uint32_t PolicyCell::*wanted;
  bool by_signature = false;  ///< where the cell asks for signed people
  bool only_after = false;    ///< signs what happened, so not before it
};

constexpr std::array kPeople{
    PeopleRow{"operator", &PolicyFacts::operators, &PolicyCell::operators},
    PeopleRow{"asset_owner", &PolicyFacts::asset_owners, &PolicyCell::asset_owners},
    PeopleRow{"approver", &PolicyFacts::approvers, &PolicyCell::approvers, true},
    PeopleRow{"witness", &PolicyFacts::witnesses, &PolicyCell::witnesses, true, true},
};

/// Marks of the evidence that keep a medium inside.
struct CapRow {
  std::string_view code;
  bool PolicyFacts::*mark;
  std::string_view text;
};

constexpr std::array kCaps{
    CapRow{"exceptions", &PolicyFacts::exceptions, "The result has exceptions"},
    CapRow{"bad_sectors", &PolicyFacts::bad_sectors,
           "Some sectors could not be written or read back"},
    CapRow{"reallocated", &PolicyFacts::reallocated_grew,
           "The drive replaced sectors during the run; the old ones were not reached"},
    CapRow{"hidden_area", &PolicyFacts::hidden_area_unknown,
           "Whether the drive has a hidden area is not known"},
    CapRow{"hidden_area_left", &PolicyFacts::hidden_area_left,
           "The drive's hidden area was left as it is, and nothing reached it"},
    CapRow{"not_whole", &PolicyFacts::not_whole, "Not every byte of the drive was overwritten"},
};

/// Rules besides administration that somebody may let go.
constexpr std::array<std::string_view, 5> kMethodRules{
    "passes", "random_passes", "firmware_as_well", "storage_below", "tool_not_approved"};

constexpr std::array kInsideOnly{PolicyMedium::file_set, PolicyMedium::free_space,
                                 PolicyMedium::image,    PolicyMedium::virtual_,
                                 PolicyMedium::part,     PolicyMedium::unknown};

bool is_done(const PolicyFacts& facts) {
  return !facts.outcome || *facts.outcome == Outcome::sanitized ||
         *facts.outcome == Outcome::sanitized_with_exceptions ||
         *facts.outcome == Outcome::unverified;
}

/// The passes of an overwrite were read back as the cell asks.
bool is_verified(const PolicyCell& cell, const PolicyFacts& facts) {
  const bool outcome_is = !facts.outcome || *facts.outcome != Outcome::unverified;
  return outcome_is && (!cell.verify_full || facts.verify == "full");
}

/// Of a method of the drive's own, or of a key: by its own means, see quietus(1).
bool is_method_verified(const PolicyFacts& facts) {
  const bool outcome_is = !facts.outcome || *facts.outcome != Outcome::unverified;
  return outcome_is && facts.verify != "none";
}

/// A method of the drive's own that this cell takes for its passes.
bool stands_for_passes(const PolicyCell& cell, const PolicyFacts& facts) {
  return cell.firmware_instead != Category::none && is_firmware(facts.method) &&
         counted_level(facts) >= cell.firmware_instead;
}

Shortfall not_verified(const PolicyFacts& facts, bool in_full) {
  if (facts.verify == "full" || (!in_full && facts.verify != "none")) {
    return {"verification", "What was done could not be verified"};
  }
  return {"verification", std::string(in_full ? "Full verification" : "Verification") +
                              " is needed, and it is \"" + facts.verify + "\""};
}

void add_passes_lacking(const PolicyCell& cell, const PolicyFacts& facts,
                        std::vector<Shortfall>& out) {
  const std::string hint =
      is_firmware(facts.method) ? "; --then-overwrite adds those of the scheme" : "";
  if (facts.passes < cell.passes) {
    out.push_back({"passes",
                   number_of(cell.passes, "complete pass") + " needed, and there are " +
                       std::to_string(facts.passes) + hint,
                   true});
  }
  if (facts.random_passes < cell.random_passes) {
    out.push_back({"random_passes",
                   number_of(cell.random_passes, "complete random pass") +
                       " needed, and there are " + std::to_string(facts.random_passes) + hint,
                   true});
  }
  if (!is_verified(cell, facts)) out.push_back(not_verified(facts, cell.verify_full));
}

void add_overwrite_lacking(const PolicyCell& cell, const PolicyFacts& facts,
                           std::vector<Shortfall>& out) {
  if (!stands_for_passes(cell, facts)) return add_passes_lacking(cell, facts, out);
  // The drive's overwrite leaves what can be compared; other methods do not.
  const bool in_full = cell.verify_full && facts.method == Method::sanitize_overwrite;
  const bool verified = in_full ? is_verified(cell, facts) : is_method_verified(facts);
  if (!verified) out.push_back(not_verified(facts, in_full));
}

void add_firmware_lacking(const PolicyCell& cell, const PolicyFacts& facts,
                          std::vector<Shortfall>& out) {
  const bool counts = is_firmware(facts.method) && counted_level(facts) >= cell.least_level;
  const bool purge = cell.least_level == Category::purge;
  if (!counts && purge && facts.sanitize_offered == Answer::no) {
    out.push_back(
        {"not_possible_here",
         "This needs the drive's own sanitize command, which the drive does not have: " + cell.next,
         false, true});
  } else if (!counts) {
    out.push_back(
        {"method", std::string(purge ? "A method of the drive's own that counts as purge"
                                     : "A method of the drive's own that counts as clear or more") +
                       " is needed, and " + counted_text(facts) + ". Otherwise: " + cell.next});
  }
  if (cell.passes > 0) return add_passes_lacking(cell, facts, out);
  if (!is_method_verified(facts)) out.push_back(not_verified(facts, false));
}

void add_key_lacking(const PolicyCell& cell, const PolicyFacts& facts,
                     std::vector<Shortfall>& out) {
  if (!destroys_key(facts)) {
    out.push_back(
        {"method",
         "The destruction of the key that all of the medium was encrypted with is needed, "
         "declared to be the only copy, and " +
             counted_text(facts) + ". Otherwise: " + cell.next});
  }
  if (!is_method_verified(facts)) out.push_back(not_verified(facts, false));
}

void add_destruction_lacking(const PolicyCell& cell, const PolicyFacts&,
                             std::vector<Shortfall>& out) {
  const bool whole = cell.action == PolicyAction::whole_medium;
  out.push_back({"not_possible_here",
                 std::string("This needs ") +
                     (whole ? "treatment of the whole medium that lies below"
                            : "physical destruction, which no software does") +
                     ": " + cell.next,
                 false, true});
}

/// In the order of PolicyAction.
constexpr std::array<void (*)(const PolicyCell&, const PolicyFacts&, std::vector<Shortfall>&), 5>
    kLacking{add_overwrite_lacking, add_firmware_lacking, add_key_lacking, add_destruction_lacking,
             add_destruction_lacking};

/// What the cell's method lacks; empty: it is met.
std::vector<Shortfall> lacking(const PolicyCell& cell, const PolicyFacts& facts) {
  std::vector<Shortfall> out;
  kLacking.at(static_cast<std::size_t>(cell.action))(cell, facts, out);
  return out;
}

/// One decision in the making.
class Decision {
 public:
  Decision(const Policy& policy, const PolicyFacts& facts)
      : policy_(policy),
        facts_(facts),
        cell_(policy.cell(facts.classification, facts.medium, facts.purpose)) {}

  PolicyDecision make();

 private:
  void add(std::string_view code, std::string text, bool unmet, bool can_be_let_go);
  [[nodiscard]] bool is_let_go(std::string_view code) const {
    return std::find(facts_.overridden.begin(), facts_.overridden.end(), code) !=
           facts_.overridden.end();
  }
  void cap(Permits most) { out_.permits = std::min(out_.permits, most); }
  /// What to do where a rule is not met, unless it was let go.
  void unmet(std::string_view code, std::string text, Permits most);
  void describe();
  void check_refusals();
  void check_outcome();
  void check_method();
  void check_evidence();
  void check_firmware_as_well();
  void check_needs();
  void check_people(const PeopleRow& row);
  void check_tool();
  void check_review();
  [[nodiscard]] Permits less_than_asked() const;
  [[nodiscard]] std::string source() const;

  const Policy& policy_;
  const PolicyFacts& facts_;
  const PolicyCell& cell_;
  PolicyDecision out_;
};

std::string Decision::source() const {
  std::string out;
  for (const std::string& one : cell_.sources) out += (out.empty() ? "" : "; ") + one;
  return out;
}

void Decision::add(std::string_view code, std::string text, bool unmet, bool can_be_let_go) {
  PolicyReason reason;
  reason.code = std::string(code);
  reason.text = std::move(text);
  reason.source = source();
  reason.unmet = unmet;
  if (unmet && can_be_let_go && is_let_go(code)) {
    reason.unmet = false;
    reason.text += ". Let go by an override, with reason and approver as declared";
  }
  out_.reasons.push_back(std::move(reason));
}

void Decision::unmet(std::string_view code, std::string text, Permits most) {
  add(code, std::move(text), true, true);
  if (out_.reasons.back().unmet) cap(most);
}

void Decision::describe() {
  out_.id = policy_.id;
  out_.revision = policy_.revision;
  out_.digest = policy_.digest;
  out_.issued = policy_.issued;
  out_.review = policy_.review;
  out_.review_overdue = !facts_.today.empty() && facts_.today > policy_.review;
  out_.basis = std::string(name_of(facts_.classification)) + ", " +
               std::string(name_of(facts_.medium)) + ", " + std::string(name_of(facts_.purpose)) +
               (cell_.sources.empty() ? "" : ": " + source());
  out_.least_method = cell_.least;
  out_.permits = cell_.permits;
}

/// Of no policy's choosing: software alone never lets such media go.
void Decision::check_refusals() {
  const bool is_secret = facts_.classification == Classification::secret;
  const bool is_top = facts_.classification == Classification::top_secret;
  if (is_secret) cap(Permits::interim);
  if (is_top) {
    add("top_secret", "TOP SECRET is never destroyed by this tool: ask the security team", true,
        false);
  } else if (is_secret && !facts_.has_authority_ref) {
    add("secret_without_authority",
        "SECRET needs the security team's authority before anything is done", true, false);
  }
  out_.refuses = is_top || (is_secret && !facts_.has_authority_ref);
  if (!out_.refuses) return;
  out_.reasons.back().source = kOwnRule;
  cap(Permits::nothing);
}

void Decision::check_outcome() {
  if (is_done(facts_)) return;
  add("outcome", "The outcome is " + std::string(row_of(*facts_.outcome).name), true, false);
  cap(Permits::nothing);
}

/// Where the cell's method or action is not there, what was done may still carry what less strict
/// cells ask for. Inside stays only what the cell for inside would let stay; what waits for its
/// destruction, waits as the cell for that says.
Permits Decision::less_than_asked() const {
  const auto cell_for = [this](Purpose purpose) -> const PolicyCell& {
    return policy_.cell(facts_.classification, facts_.medium, purpose);
  };
  if (cell_.otherwise >= Permits::internal_reuse) {
    const PolicyCell& inside = cell_for(Purpose::reuse);
    return lacking(inside, facts_).empty() ? std::min(cell_.otherwise, inside.permits)
                                           : Permits::interim;
  }
  const PolicyCell& waiting = cell_for(Purpose::destruction);
  const bool waits = cell_.action == PolicyAction::destruction && lacking(waiting, facts_).empty();
  return waits ? std::max(cell_.otherwise, std::min(Permits::interim, waiting.permits))
               : cell_.otherwise;
}

void Decision::check_method() {
  const Permits less = less_than_asked();
  for (Shortfall& one : lacking(cell_, facts_)) {
    out_.not_possible_here = out_.not_possible_here || one.never_here;
    add(one.code, std::move(one.text), true, one.can_be_let_go);
    if (!out_.reasons.back().unmet) continue;
    cap(one.code == "verification" ? std::min(less, Permits::interim) : less);
  }
}

/// Wanted as well as what the cell asks for, where the drive has it.
void Decision::check_firmware_as_well() {
  if (!cell_.firmware_as_well || is_purged_by_firmware(facts_)) return;
  if (facts_.sanitize_offered == Answer::no) return;
  unmet("firmware_as_well",
        facts_.sanitize_offered == Answer::yes
            ? "The drive's own sanitize command is wanted as well, and the drive has one; "
              "--method auto with --then-overwrite does both"
            : "The drive's own sanitize command is wanted as well, and whether the drive has one "
              "is not known",
        Permits::internal_reuse);
}

void Decision::check_evidence() {
  const bool inside_only =
      std::find(kInsideOnly.begin(), kInsideOnly.end(), facts_.medium) != kInsideOnly.end();
  if (inside_only) cap(Permits::internal_reuse);
  // Where the cell lets nothing out, such marks are told, and nothing hangs on them.
  const bool lets_out = cell_.permits == Permits::release;
  for (const CapRow& row : kCaps) {
    if (!(facts_.*row.mark)) continue;
    const bool counts = lets_out || cell_.clean;
    add(row.code, std::string(row.text), counts, false);
    cap(cell_.clean ? Permits::interim : Permits::internal_reuse);
  }
  check_firmware_as_well();
  if (cell_.below_known) {
    unmet("storage_below",
          "On what storage the files lie is not known; on flash, overwriting does not reach "
          "earlier copies",
          Permits::interim);
  }
}

void Decision::check_needs() {
  for (const NeedRow& row : kNeeds) {
    const bool asked =
        std::find(cell_.needs.begin(), cell_.needs.end(), row.need) != cell_.needs.end();
    if (asked && !(facts_.*row.has)) {
      unmet(name_of(row.need), std::string(row.text), cell_.without_papers);
    }
  }
}

void Decision::check_people(const PeopleRow& row) {
  const RoleCount& count = facts_.*row.count;
  const std::uint32_t wanted = cell_.*row.wanted;
  const bool by_signature = cell_.signed_people && row.by_signature;
  const std::uint32_t there =
      by_signature ? count.signed_ : std::max(count.declared, count.signed_);
  if (there >= wanted) return;
  std::string role(row.code);
  std::replace(role.begin(), role.end(), '_', ' ');
  std::string text = by_signature ? "No signature of " : "Not declared: ";
  text += wanted == 1 ? role : std::to_string(wanted) + " different people as " + role;
  if (by_signature && count.declared >= wanted) text += "; declared only";
  if (by_signature) {
    // A declared word can't stand for a signature.
    if (is_let_go(row.code)) text += "; an override counts only where people are declared";
    add(row.code, std::move(text), true, false);
    cap(cell_.without_papers);
  } else {
    unmet(row.code, std::move(text), cell_.without_papers);
  }
  PolicyReason& reason = out_.reasons.back();
  reason.later =
      reason.unmet && by_signature && row.only_after && !facts_.outcome && count.declared >= wanted;
}

void Decision::check_tool() {
  const auto& approved = policy_.approved_tools;
  if (approved.empty()) return;
  if (std::find(approved.begin(), approved.end(), facts_.tool_sha256) != approved.end()) return;
  unmet("tool_not_approved", "This build of the tool is not one that the policy approves",
        cell_.without_papers);
}

void Decision::check_review() {
  if (!out_.review_overdue) return;
  add("review_overdue", "The policy had to be reviewed by " + policy_.review, false, false);
  out_.reasons.back().source = policy_.id + " " + policy_.revision;
}

PolicyDecision Decision::make() {
  describe();
  check_refusals();
  check_outcome();
  check_method();
  check_evidence();
  check_needs();
  for (const PeopleRow& row : kPeople) check_people(row);
  check_tool();
  check_review();
  out_.met = std::none_of(out_.reasons.begin(), out_.reasons.end(),
                          [](const PolicyReason& reason) { return reason.unmet; });
  return std::move(out_);
}

}  // namespace

bool can_be_let_go(std::string_view rule) {
  const bool of_need = std::any_of(kNeeds.begin(), kNeeds.end(), [rule](const NeedRow& row) {
    return name_of(row.need) == rule;
  });
  const bool of_people = std::any_of(kPeople.begin(), kPeople.end(),
                                     [rule](const PeopleRow& row) { return row.code == rule; });
  return of_need || of_people ||
         std::find(kMethodRules.begin(), kMethodRules.end(), rule) != kMethodRules.end();
}

PolicyDecision decide(const Policy& policy, const PolicyFacts& facts) {
  return Decision(policy, facts).make();
}

}  // namespace quietus
