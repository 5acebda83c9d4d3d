// SPDX-License-Identifier: GPL-3.0-or-later
// Withholding: an envelope without some of its disclosures. What was signed stays byte for byte.
#include <algorithm>
#include <array>
#include <utility>

#include "quietus/countersign.h"
#include "quietus/envelope.h"

#include "certificate/disclosures.h"
#include "certificate/json_reading.h"
#include "certificate/reading.h"
#include "certificate/redaction.h"

namespace quietus {
namespace {

constexpr std::string_view kHost = "host";
/// What a plan says in clear, in its request.
constexpr std::array<std::string_view, 4> kToldByPlans{"people", "paths", kHost, "location"};

bool has(std::span<const std::string> groups, std::string_view group) {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

Result<Envelope> without(const Envelope& from, std::span<const std::string> groups, bool inner,
                         Redacted& out);

/// An attachment as it is to go on; none: it goes.
Result<std::optional<std::string>> attachment_without(const std::string& text,
                                                      std::span<const std::string> groups,
                                                      Redacted& out) {
  using Kept = std::optional<std::string>;
  if (text.starts_with('-')) return Kept(text);
  const Result<Envelope> envelope = envelope_from(text);
  if (!envelope) return envelope.error();
  const Result<StatementFacts> facts = statement_from(envelope->body);
  if (!facts) return facts.error();
  const bool told = std::any_of(kToldByPlans.begin(), kToldByPlans.end(),
                                [&](std::string_view group) { return has(groups, group); });
  if (facts->kind == StatementKind::plan && told) {
    out.plan_dropped = true;
    return Kept();
  }
  Result<Envelope> rest = without(*envelope, groups, true, out);
  if (!rest) return rest.error();
  return Kept(to_text(*rest));
}

Result<Envelope> without(const Envelope& from, std::span<const std::string> groups, bool inner,
                         Redacted& out) {
  const Result<StatementFacts> facts = statement_from(from.body);
  if (!facts) return facts.error();
  if (!inner && has(groups, kHost)) out.still_told = facts->ledger_origin;
  const Result<std::vector<Disclosed>> disclosed = read_disclosures(from.disclosures, *facts);
  if (!disclosed) return disclosed.error();
  Envelope rest{from.body, from.signatures, from.receipts, {}, {}};
  for (const Disclosed& one : *disclosed) {
    if (!has(groups, redaction_group(one.pointer).value_or(""))) {
      rest.disclosures.push_back(one.text);
      continue;
    }
    const std::string place = inner ? std::string(name_of(facts->kind)) + ":" : std::string();
    out.withheld.push_back(place + one.pointer);
  }
  for (const std::string& text : from.attachments) {
    Result<std::optional<std::string>> kept = attachment_without(text, groups, out);
    if (!kept) return kept.error();
    if (*kept) rest.attachments.push_back(std::move(**kept));
  }
  return rest;
}

}  // namespace

std::vector<std::string> redaction_groups() {
  std::vector<std::string> groups;
  for (const RedactableRow& row : redactable_table()) {
    if (!has(groups, row.group)) groups.emplace_back(row.group);
  }
  return groups;
}

Result<Redacted> redacted(std::string_view envelope, std::span<const std::string> groups,
                          std::span<const std::string> receipts) {
  Result<Envelope> read = envelope_from(envelope);
  if (!read) return read.error();
  for (const std::string& one : receipts) {
    if (!has(read->receipts, one)) read->receipts.push_back(one);
  }
  Redacted out;
  const Result<Envelope> rest = without(*read, groups, false, out);
  if (!rest) return rest.error();
  out.envelope = to_text(*rest);
  return out;
}

}  // namespace quietus
