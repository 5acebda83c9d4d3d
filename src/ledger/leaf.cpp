// SPDX-License-Identifier: GPL-3.0-or-later
// A leaf has one form only, so that reader and writer share one table of members and no general
// JSON reader is needed.
#include "ledger/leaf.h"

#include <algorithm>
#include <array>

#include "quietus/text.h"

namespace quietus {
namespace ledger {
namespace {

constexpr std::string_view kHead = "{\"v\":1";
constexpr std::size_t kMaxTypeBytes = 64;

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}
bool is_type(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTypeBytes &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == text.npos;
}
bool is_time(std::string_view text) { return from_rfc3339(text).ok(); }
bool is_asset(std::string_view text) { return text.empty() || is_hex(text, 32); }
bool is_digest(std::string_view text) { return is_hex(text, 64); }
bool is_digest_or_empty(std::string_view text) { return text.empty() || is_digest(text); }

struct Member {
  std::string_view name;
  std::string LedgerEntry::*field;
  bool (*good)(std::string_view);
};

// None of these values can hold a quote, a backslash or a control character.
constexpr std::array<Member, 6> kMembers{{
    {"type", &LedgerEntry::type, is_type},
    {"at", &LedgerEntry::at, is_time},
    {"asset", &LedgerEntry::asset, is_asset},
    {"prev", &LedgerEntry::prev, is_digest_or_empty},
    {"body", &LedgerEntry::body_commitment, is_digest_or_empty},
    {"by", &LedgerEntry::by, is_digest},
}};
constexpr Member kCertificate{"certificate", &LedgerEntry::certificate, is_digest};

std::string opening(const Member& member) { return ",\"" + std::string(member.name) + "\":\""; }

// Takes `wanted` off the front of `rest`.
bool take(std::string_view& rest, std::string_view wanted) {
  if (rest.substr(0, wanted.size()) != wanted) return false;
  rest.remove_prefix(wanted.size());
  return true;
}

bool take_member(std::string_view& rest, const Member& member, LedgerEntry& entry) {
  if (!take(rest, opening(member))) return false;
  const std::size_t end = rest.find('"');
  if (end == rest.npos || !member.good(rest.substr(0, end))) return false;
  entry.*member.field = std::string(rest.substr(0, end));
  rest.remove_prefix(end + 1);
  return true;
}

}  // namespace

Result<std::string> leaf_line(const LedgerEntry& entry) {
  const bool issued = entry.type == kCertificateIssued;
  std::string line{kHead};
  const auto add = [&](const Member& member) {
    line += opening(member) + entry.*member.field + "\"";
    return member.good(entry.*member.field);
  };
  for (const Member& member : kMembers) {
    if (add(member)) continue;
    return Error{Errc::invalid, 0, "the event's \"" + std::string(member.name) + "\" is not valid"};
  }
  if (issued ? !add(kCertificate) : !entry.certificate.empty()) {
    return Error{Errc::invalid, 0,
                 "a certificate's digest goes with certificate.issued and only there"};
  }
  return line + "}";
}

}  // namespace ledger

Result<LedgerEntry> ledger_entry_from(std::string_view line) {
  // NOLINTNEXTLINE(google-build-using-namespace): this module's own
  using namespace ledger;
  const auto malformed = [](std::string_view where) {
    return Error{Errc::malformed, 0, "not a ledger entry: wrong at " + std::string(where)};
  };
  if (line.size() > kMaxLeafBytes) return malformed("its length");
  LedgerEntry entry;
  std::string_view rest = line;
  if (!take(rest, kHead)) return malformed("its beginning");
  for (const Member& member : kMembers) {
    if (!take_member(rest, member, entry)) return malformed("\"" + std::string(member.name) + "\"");
  }
  if (entry.type == kCertificateIssued && !take_member(rest, kCertificate, entry)) {
    return malformed("\"certificate\"");
  }
  if (rest != "}") return malformed("its end");
  entry.line = std::string(line);
  return entry;
}

}  // namespace quietus
