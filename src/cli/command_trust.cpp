// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus trust add|revoke|list`: whose keys count, for what and when, and whose no longer do.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "quietus/json_text.h"
#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/text.h"

#include "cli/app.h"
#include "cli/key_lookup.h"
#include "cli/ledger_bodies.h"
#include "cli/trust_folder.h"
#include "cli/trust_lookup.h"

namespace quietus::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kKeyIdChars = 64;
constexpr std::size_t kDateChars = 10;

int fail(Console& console, const Error& error, int exit_code) {
  print_error(console.err, error);
  return exit_code;
}

/// "2026-01-31" as that day's first or last second, or a time in UTC. Trust files have whole
/// seconds.
Result<Time> time_of(const std::string& text, bool end_of_day) {
  const bool date = text.size() == kDateChars;
  const Result<Time> time =
      from_rfc3339(date ? text + (end_of_day ? "T23:59:59Z" : "T00:00:00Z") : text);
  if (time && std::chrono::floor<std::chrono::seconds>(*time) == *time) return time;
  return Error{Errc::invalid, 0, "not a date: " + text, "write 2026-01-31 or 2026-01-31T12:00:00Z"};
}

/// Sets the time that was asked for, if any.
Status set_time(std::optional<Time>& time, const std::string& text, bool end_of_day) {
  if (text.empty()) return {};
  const Result<Time> read = time_of(text, end_of_day);
  if (!read) return read.error();
  time = *read;
  return {};
}

/// What is asked for, but for the key.
Result<TrustedKey> wanted_line(const Options& options) {
  TrustedKey line;
  if (!is_trust_role(options.role)) {
    return Error{Errc::invalid, 0, "there is no role " + options.role,
                 "machine, log, operator, witness, approver or log-witness"};
  }
  if (!is_principal(options.principal)) {
    return Error{Errc::invalid, 0, "not a principal: " + options.principal,
                 "one word without * ? ! , \" and \\, such as a.smith@example.org"};
  }
  line.principal = options.principal;
  line.namespaces = {std::string(kNamespacePrefix) + options.role};
  if (Status set = set_time(line.valid_after, options.from, false); !set) return set.error();
  if (Status set = set_time(line.valid_before, options.until, true); !set) return set.error();
  if (line.valid_after && line.valid_before && *line.valid_after > *line.valid_before) {
    return Error{Errc::invalid, 0, "--from is later than --until"};
  }
  return line;
}

bool is_own(const TrustedKey& line) { return line.principal.starts_with(kOwnPrincipal); }

/// Against one line of the same key.
Status check_beside(const TrustedKey& there, const TrustedKey& fresh) {
  if (there.namespaces != fresh.namespaces) {
    std::string roles = there.namespaces.empty() ? "every role" : there.namespaces.front();
    return Error{
        Errc::invalid, 0,
        "one key, one role: this one is trusted as " + roles + " already, of " + there.principal,
        "make another key for the other role"};
  }
  if (is_own(there)) return {};
  if (there.principal != fresh.principal) {
    return Error{Errc::invalid, 0, "this key is that of " + there.principal + " already",
                 "distinct people have keys of their own"};
  }
  if (there.valid_after == fresh.valid_after && there.valid_before == fresh.valid_before) {
    return Error{Errc::exists, 0, "this line is there already"};
  }
  return {};
}

Status check_addition(const TrustStore& trust, const TrustedKey& fresh) {
  const std::string id = key_id_of(fresh.key);
  for (const Revocation& one : trust.revocations) {
    if (one.key_id != id) continue;
    return Error{
        Errc::untrusted, 0,
        "the key is revoked: " + std::string(name_of(one.reason)) + " from " + to_rfc3339(one.from),
        "make a new key"};
  }
  for (const TrustedKey& there : trust.keys) {
    if (there.key != fresh.key) continue;
    if (Status fits = check_beside(there, fresh); !fits) return fits;
  }
  return {};
}

Status add_key(const Options& options, Seams& seams, TrustedKey line) {
  const Result<PublicHalf> half = public_half_of(options.paths.front(), seams.platform);
  if (!half) return half.error();
  if (half->facts && name_of(half->facts->role) != options.role) {
    return Error{Errc::invalid, 0,
                 "the key was made for the role " + std::string(name_of(half->facts->role)),
                 "one key, one role"};
  }
  line.key = half->key;
  Result<TrustFolder> folder = TrustFolder::open(options, seams);
  if (!folder) return folder.error();
  if (Status fits = check_addition(folder->trust(), line); !fits) return fits;
  if (Status added = folder->add_line(kSignersFile, to_line(line), key_added_event(line)); !added) {
    return added;
  }
  if (!options.quiet) {
    seams.console.out << "trusted as " << options.role << ": " << escaped(line.principal)
                      << ", key " << key_id_of(line.key) << "\n";
  }
  return {};
}

Result<Revocation> wanted_revocation(const Options& options, Seams& seams) {
  Revocation revocation;
  revocation.key_id = options.paths.front();
  const Result<Bytes> id = from_hex(revocation.key_id);
  if (!id || revocation.key_id.size() != kKeyIdChars) {
    return Error{Errc::invalid, 0, "not a key's id: " + revocation.key_id,
                 "64 lower-case hex digits, as quietus trust list prints them"};
  }
  const Result<RevocationReason> reason = revocation_reason_from(options.reason);
  if (!reason) {
    return Error{Errc::invalid, 0, reason.error().what, "compromised, retired or left"};
  }
  revocation.reason = *reason;
  revocation.from = std::chrono::floor<std::chrono::seconds>(seams.clock.now());
  if (options.from.empty()) return revocation;
  const Result<Time> from = time_of(options.from, false);
  if (!from) return from.error();
  revocation.from = *from;
  return revocation;
}

Status revoke_key(const Options& options, Seams& seams, const Revocation& revocation) {
  Result<TrustFolder> folder = TrustFolder::open(options, seams);
  if (!folder) return folder.error();
  for (const Revocation& one : folder->trust().revocations) {
    if (one.key_id != revocation.key_id || one.reason != revocation.reason) continue;
    if (one.from > revocation.from) continue;
    return Error{Errc::exists, 0,
                 "the key is revoked already: " + std::string(name_of(one.reason)) + " from " +
                     to_rfc3339(one.from)};
  }
  if (folder->trust().find(revocation.key_id) == nullptr) {
    seams.console.err << "warning: no key with this id is trusted here\n";
  }
  if (Status added =
          folder->add_line(kRevokedFile, to_line(revocation), key_revoked_event(revocation));
      !added) {
    return added;
  }
  if (!options.quiet) {
    seams.console.out << "revoked: key " << revocation.key_id << ", " << name_of(revocation.reason)
                      << " from " << to_rfc3339(revocation.from) << "\n";
  }
  return {};
}

Json json_of(const Revocation& revocation) {
  Json json = {{"event", "revocation"},
               {"key_id", revocation.key_id},
               {"from", to_rfc3339(revocation.from)},
               {"reason", name_of(revocation.reason)}};
  if (!revocation.comment.empty()) json["comment"] = revocation.comment;
  return json;
}

Json json_of(const TrustedKey& line) {
  Json json = {{"event", "trusted_key"},
               {"principal", line.principal},
               {"namespaces", line.namespaces},
               {"key_id", key_id_of(line.key)},
               {"own", is_own(line)}};
  if (line.valid_after) json["valid_after"] = to_rfc3339(*line.valid_after);
  if (line.valid_before) json["valid_before"] = to_rfc3339(*line.valid_before);
  return json;
}

void print_json(std::ostream& out, const TrustStore& trust) {
  for (const TrustedKey& line : trust.keys) out << to_line(json_of(line)) << "\n";
  for (const SkippedLine& line : trust.skipped) {
    out << to_line(Json{{"event", "skipped_line"}, {"line", line.number}, {"why", line.why}})
        << "\n";
  }
  for (const Revocation& one : trust.revocations) out << to_line(json_of(one)) << "\n";
}

std::string text_of(const TrustedKey& line) {
  std::string text = escaped(line.principal) + ": ";
  if (line.namespaces.empty()) text += "every role";
  for (const std::string& name : line.namespaces) {
    text += (name == line.namespaces.front() ? "" : ", ") + escaped(name);
  }
  if (line.valid_after) text += ", from " + to_rfc3339(*line.valid_after);
  if (line.valid_before) text += ", until " + to_rfc3339(*line.valid_before);
  return text + "\n  key " + key_id_of(line.key) + "\n";
}

void print_text(std::ostream& out, const TrustStore& trust) {
  for (const TrustedKey& line : trust.keys) out << text_of(line);
  if (trust.keys.empty()) out << "no key is trusted\n";
  for (const SkippedLine& line : trust.skipped) {
    out << "line " << line.number << " is skipped: " << escaped(line.why) << "\n";
  }
  for (const Revocation& one : trust.revocations) {
    out << "revoked: key " << one.key_id << ", " << name_of(one.reason) << " from "
        << to_rfc3339(one.from);
    if (!one.comment.empty()) out << ", " << escaped(one.comment);
    out << "\n";
  }
}

}  // namespace

int run_trust_add(const Options& options, Seams& seams) {
  Result<TrustedKey> line = wanted_line(options);
  if (!line) return fail(seams.console, line.error(), kExitUsage);
  if (Status added = add_key(options, seams, std::move(*line)); !added) {
    return fail(seams.console, added.error().in("nothing was changed"), 1);
  }
  return kExitOk;
}

int run_trust_revoke(const Options& options, Seams& seams) {
  const Result<Revocation> revocation = wanted_revocation(options, seams);
  if (!revocation) return fail(seams.console, revocation.error(), kExitUsage);
  if (Status revoked = revoke_key(options, seams, *revocation); !revoked) {
    return fail(seams.console, revoked.error().in("nothing was changed"), 1);
  }
  return kExitOk;
}

int run_trust_list(const Options& options, Seams& seams) {
  const Result<TrustStore> trust = look_up_trust(options, seams.platform);
  if (!trust) return fail(seams.console, trust.error(), 1);
  if (options.json) print_json(seams.console.out, *trust);
  if (!options.json && !options.quiet) print_text(seams.console.out, *trust);
  return kExitOk;
}

}  // namespace quietus::cli
