// SPDX-License-Identifier: GPL-3.0-or-later
// Revocation lists: keys that no longer count, since when and why. One line each, strictly.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "quietus/text.h"
#include "quietus/trust.h"

namespace quietus {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{4} << 20U;
constexpr std::size_t kKeyIdChars = 64;

struct ReasonRow {
  RevocationReason reason;
  std::string_view name;
};
constexpr std::array<ReasonRow, 3> kReasons{{{RevocationReason::retired, "retired"},
                                             {RevocationReason::left, "left"},
                                             {RevocationReason::compromised, "compromised"}}};

Error malformed(const char* what) { return {Errc::malformed, 0, what}; }

/// Takes the text up to the next space, and that space.
std::string_view take_field(std::string_view& line) {
  const std::size_t space = line.find(' ');
  const std::string_view field = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return field;
}

bool is_key_id(std::string_view text) { return text.size() == kKeyIdChars && from_hex(text).ok(); }

bool is_plain(std::string_view line) {
  return is_utf8(line) && std::none_of(line.begin(), line.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7f;
         });
}

Result<Revocation> revocation_from(std::string_view line) {
  Revocation revocation;
  revocation.key_id = take_field(line);
  if (!is_key_id(revocation.key_id)) {
    return malformed("it does not begin with a key's id (64 lower-case hex digits)");
  }
  const Result<Time> from = from_rfc3339(take_field(line));
  if (!from) return malformed("the time is not of the form 2026-01-31T00:00:00Z");
  revocation.from = *from;
  const Result<RevocationReason> reason = revocation_reason_from(take_field(line));
  if (!reason) return malformed("the reason is not retired, left or compromised");
  revocation.reason = *reason;
  revocation.comment = line;
  return revocation;
}

}  // namespace

std::string_view name_of(RevocationReason reason) {
  return kReasons.at(static_cast<std::size_t>(reason)).name;
}

Result<RevocationReason> revocation_reason_from(std::string_view name) {
  for (const ReasonRow& row : kReasons) {
    if (row.name == name) return row.reason;
  }
  return Error{Errc::not_found, 0, "there is no reason \"" + std::string(name) + "\""};
}

Result<std::vector<Revocation>> revocations_from(std::string_view text) {
  if (text.size() > kMaxBytes) return malformed("revocations: longer than 4 MiB");
  std::vector<Revocation> all;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string place = "revocations, line " + std::to_string(number);
    if (!is_plain(line)) return malformed("a control character or no UTF-8").in(place);
    if (line.empty() || line.front() == '#') continue;
    Result<Revocation> revocation = revocation_from(line);
    if (!revocation) return revocation.error().in(place);
    all.push_back(*std::move(revocation));
  }
  return all;
}

std::string to_line(const Revocation& revocation) {
  std::string line = revocation.key_id + " " + to_rfc3339(revocation.from) + " " +
                     std::string(name_of(revocation.reason));
  if (!revocation.comment.empty()) line += " " + revocation.comment;
  return line + "\n";
}

}  // namespace quietus
