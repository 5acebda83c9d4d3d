// SPDX-License-Identifier: GPL-3.0-or-later
// What comes first in every human form: outcome, limits, whether the medium may leave.
#include "report/form_document.h"

#include <algorithm>
#include <array>

#include "quietus/certificate.h"
#include "quietus/outcome.h"
#include "quietus/text.h"

namespace quietus::report {
namespace {

constexpr std::array<OutcomeForm, 8> kOutcomes{{
    {"failed", "Record of unsuccessful sanitization: failed", "NOT SANITIZED: FAILED", "[X]",
     "<rect x='3' y='3' width='42' height='42' fill='#000' stroke='#000'/><path d='M13 13L35 "
     "35M35 13L13 35' stroke='#fff' stroke-width='6'/>",
     "black square with a cross"},
    {"sanitized", "Certificate of sanitization", "SANITIZED", "(v)",
     "<circle cx='24' cy='24' r='21' fill='#fff' stroke='#000' stroke-width='4'/><path d='M13 "
     "25L21 33L35 16' fill='none' stroke='#000' stroke-width='5'/>",
     "circle with a tick"},
    {"sanitized_with_exceptions", "Record of incomplete sanitization: exceptions remain",
     "NOT COMPLETE: EXCEPTIONS REMAIN", "/!\\",
     "<path d='M24 4L46 44H2Z' fill='#fff' stroke='#000' stroke-width='4'/><path d='M24 17V31M24 "
     "35V40' stroke='#000' stroke-width='5'/>",
     "triangle with an exclamation mark"},
    {"unverified", "Record of an unverified run", "NOT VERIFIED", "[?]",
     "<rect x='4' y='4' width='40' height='40' fill='#fff' stroke='#000' stroke-width='4' "
     "stroke-dasharray='6 4'/><path d='M17 19C17 9 32 9 31 19C31 25 24 24 24 31M24 35V40' "
     "fill='none' stroke='#000' stroke-width='4'/>",
     "dashed square with a question mark"},
    {"interrupted", "Record of unsuccessful sanitization: interrupted", "STOPPED BEFORE THE END",
     "|||",
     "<path d='M15 3H33L45 15V33L33 45H15L3 33V15Z' fill='#fff' stroke='#000' "
     "stroke-width='4'/><path d='M18 14V34M30 14V34' stroke='#000' stroke-width='6'/>",
     "octagon with two bars"},
    {"not_effective", "Record of unsuccessful sanitization: not effective", "NOT EFFECTIVE", "<=>",
     "<path d='M24 2L46 24L24 46L2 24Z' fill='#fff' stroke='#000' stroke-width='4'/><path d='M13 "
     "20H35M13 28H35M30 13L18 35' stroke='#000' stroke-width='4'/>",
     "diamond with an unequal sign"},
    {"verification_failed", "Record of unsuccessful sanitization: verification failed",
     "VERIFICATION FAILED", "><",
     "<path d='M24 46L2 6H46Z' fill='#000' stroke='#000' stroke-width='4'/><path d='M17 13L31 "
     "27M31 13L17 27' stroke='#fff' stroke-width='5'/>",
     "black triangle on its tip with a cross"},
    {"refused", "Record of a refused run", "REFUSED: NOTHING WAS WRITTEN", "[-]",
     "<circle cx='24' cy='24' r='21' fill='#000' stroke='#000'/><path d='M10 24H38' stroke='#fff' "
     "stroke-width='7'/>",
     "black circle with a bar"},
}};

constexpr Leave kRelease{"RELEASE",
                         "By this record the medium may leave the organisation for the purpose "
                         "that was stated."};
constexpr Leave kInternal{"INTERNAL ONLY",
                          "By this record the medium may be used again inside the organisation "
                          "only. It may not leave."};
constexpr Leave kStay{"NOT RELEASABLE",
                      "By this record the medium may not leave, nor be used for anything else."};

constexpr Leave kUnchecked{"NOT CHECKED",
                           "The signatures were not checked against trusted keys here. Check them "
                           "before the medium goes anywhere."};

/// What one policy allows, never more than it says in so many words.
const Leave& leave_of_policy(const FormJson& json, const std::string& place) {
  const std::string permits = json.text_or_empty(place + "/permits");
  if (permits == "release" && json.flag(place + "/met")) return kRelease;
  return permits == "internal_reuse" ? kInternal : kStay;
}

/// The same policy, decided again; null: it was not.
const PolicyDecision* decided_now(const FormJson& json, const std::string& place,
                                  const std::vector<PolicyDecision>& now) {
  const auto found = std::find_if(now.begin(), now.end(), [&](const PolicyDecision& one) {
    return one.id == json.text_or_empty(place + "/id") &&
           one.digest == json.text_or_empty(place + "/digest");
  });
  return found == now.end() ? nullptr : &*found;
}

const Leave& leave_of_policy(const PolicyDecision& decision) {
  if (decision.permits == Permits::release && decision.met) return kRelease;
  return decision.permits == Permits::internal_reuse ? kInternal : kStay;
}

int rank_of(const Leave& leave) {
  if (leave.word == kRelease.word) return 2;
  return leave.word == kInternal.word ? 1 : 0;
}

FormTable reasons_of(const FormJson& json, const std::string& place) {
  FormTable table{"What the policy looked at", {"Point", "Met", "Why", "Source"}, {}};
  for (std::size_t i = 0; i < json.count(place + "/reasons"); ++i) {
    const std::string reason = place + "/reasons/" + std::to_string(i);
    const bool unmet = json.text(reason + "/unmet") != std::string("no");
    table.rows.push_back({json.text_or_empty(reason + "/code"), unmet ? "NOT MET" : "met",
                          json.text_or_empty(reason + "/text"),
                          json.text_or_empty(reason + "/source")});
  }
  return table;
}

void add_policy(FormSection& section, const FormJson& json, const std::string& place) {
  const std::string name = "Policy " + json.text_or_empty(place + "/id");
  std::string verdict = json.flag(place + "/met") ? "met" : "NOT MET";
  verdict += "; permits " + in_words(json.text(place + "/permits").value_or("nothing"));
  if (json.flag(place + "/refuses")) verdict += "; refuses";
  if (json.flag(place + "/not_possible_here")) {
    verdict +=
        "; what it asks for cannot be done here by software: the medium is destroyed, or treated "
        "by "
        "other means";
  }
  section.add(name, verdict);
  section.add("Basis", json.text_or_empty(place + "/basis"));
  section.add("Least method", json.text_or_empty(place + "/least_method"));
  std::string revision = json.text_or_empty(place + "/revision");
  const std::string review = json.text_or_empty(place + "/review");
  if (!review.empty()) revision += ", to be reviewed by " + review;
  if (json.flag(place + "/review_overdue")) revision += " (OVERDUE)";
  section.add("Revision", revision);
  section.add("Digest of the policy", json.text_or_empty(place + "/digest"));
  FormTable reasons = reasons_of(json, place);
  reasons.caption += ": " + json.text_or_empty(place + "/id");
  if (!reasons.rows.empty()) section.tables.push_back(std::move(reasons));
}

FormSection leave_section(const FormDocument& document, const FormJson& json,
                          const std::vector<PolicyDecision>& now) {
  FormSection section{"leave", "May it leave?", {}, {}, {}, {}};
  section.paragraphs.push_back(std::string(document.leave.word) + ". " +
                               std::string(document.leave.sentence));
  if (!document.trusted) {
    const Leave claimed = leave_of(json);
    section.paragraphs.push_back("What the record itself says: " + std::string(claimed.word) +
                                 ". " + std::string(claimed.sentence));
  }
  const std::size_t policies = json.count("/predicate/policies");
  if (policies == 0) {
    section.paragraphs.emplace_back(
        "The record holds no policy decision, so nothing supports a release.");
  }
  for (std::size_t i = 0; i < policies; ++i) {
    const std::string place = "/predicate/policies/" + std::to_string(i);
    add_policy(section, json, place);
    const PolicyDecision* const again = decided_now(json, place, now);
    if (again == nullptr) continue;
    section.add("When it was issued", json.flag(place + "/met") ? "met" : "NOT MET");
    section.add("With the signatures that are on it now",
                std::string(again->met ? "met" : "NOT MET") + "; permits " +
                    in_words(std::string(name_of(again->permits))));
  }
  return section;
}

FormSection limits_section(bool trusted) {
  FormSection section{"limits", "What this proves, and what it does not", {}, {}, {}, {}};
  section.paragraphs.emplace_back(kLimitsSentence);
  section.paragraphs.emplace_back(
      trusted ? "When this was made, every signature that counts was good and by a key that was "
                "trusted on that machine."
              : "The signatures were not checked against trusted keys here: nothing vouches for "
                "who made this record.");
  section.paragraphs.emplace_back(
      "What you are reading is a copy for people and cannot vouch for itself: anybody can write "
      "such words. Only the signed record counts. Check it with keys that you have from "
      "elsewhere.");
  return section;
}

std::string outcome_name(const FormJson& json) { return json.text_or_empty("/predicate/outcome"); }

}  // namespace

const OutcomeForm& form_of_outcome(std::string_view name) {
  const auto* const found =
      std::find_if(kOutcomes.begin(), kOutcomes.end(),
                   [&](const OutcomeForm& form) { return form.name == name; });
  return found == kOutcomes.end() ? kOutcomes.front() : *found;
}

Leave leave_of(const FormJson& json, const std::vector<PolicyDecision>& now) {
  const std::string outcome = outcome_name(json);
  const std::string target = json.text_or_empty("/predicate/target");
  const bool done = outcome == "sanitized" || outcome == "sanitized_with_exceptions";
  const bool medium = target == "drive" || target == "image";
  const std::size_t policies = json.count("/predicate/policies");
  if (!done || !medium || policies == 0) return kStay;
  Leave worst = kRelease;
  for (std::size_t i = 0; i < policies; ++i) {
    const std::string place = "/predicate/policies/" + std::to_string(i);
    const PolicyDecision* const again = decided_now(json, place, now);
    const Leave& one = again != nullptr ? leave_of_policy(*again) : leave_of_policy(json, place);
    if (rank_of(one) < rank_of(worst)) worst = one;
  }
  return worst;
}

void FormSection::add(std::string label, std::string value) {
  if (!value.empty()) facts.emplace_back(std::move(label), std::move(value));
}

Result<FormDocument> document_of(const FormSource& source) {
  const Result<FormJson> json = FormJson::from(source.statement);
  if (!json) return json.error();
  if (json->text_or_empty("/predicateType") != kPredicateType) {
    return Error{Errc::unsupported, 0, "it is not the certificate of a destruction"};
  }
  FormDocument document;
  document.marking = json->text_or_empty("/predicate/data/classification_before");
  document.outcome = &form_of_outcome(outcome_name(*json));
  document.meaning = json->text_or_empty("/predicate/outcome_meaning");
  document.id = json->text_or_empty("/predicate/certificate_id");
  document.digest = source.digest;
  document.trusted = source.trusted;
  document.leave = source.trusted ? leave_of(*json, source.decided_now) : kUnchecked;
  document.map = block_map_of(*json);
  document.sections.push_back(limits_section(source.trusted));
  document.sections.push_back(leave_section(document, *json, source.decided_now));
  add_asset_sections(document, *json);
  add_method_sections(document, *json, source.zone);
  add_firmware_sections(document, *json, source.zone);
  add_people_sections(document, *json, source);
  add_evidence_sections(document, *json);
  add_record_sections(document, *json, source);
  return document;
}

std::string with_local(const std::string& rfc3339, const Zone& zone) {
  const Result<Time> time = from_rfc3339(rfc3339);
  if (!time) return rfc3339;
  return rfc3339 + " (" + local_text(*time, zone) + ")";
}

std::string exact_bytes(std::uint64_t bytes) {
  const std::string plain = std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  return bytes < 1024 ? plain : human_bytes(bytes) + " (" + plain + ")";
}

std::string in_words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string person_text(const FormJson& json, const std::string& place) {
  if (const auto whole = json.text(place)) return *whole;  // withheld, or a mere name
  std::string out;
  for (const char* part : {"/name", "/title", "/organisation", "/location", "/contact"}) {
    const std::string text = json.text_or_empty(place + part);
    if (!text.empty()) out += (out.empty() ? "" : ", ") + text;
  }
  return out;
}

}  // namespace quietus::report
