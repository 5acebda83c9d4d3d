// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of certificates share: keys from known seeds, plans, evidence and issuance.
#pragma once

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/certificate.h"
#include "quietus/certificate_check.h"
#include "quietus/digest.h"
#include "quietus/envelope.h"
#include "quietus/scheme.h"
#include "quietus/text.h"

namespace quietus::test {

inline constexpr std::string_view kSampleId = "0192a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

/// The key whose seed is the SHA-256 of a word. For tests only.
inline SigningKey key_of(std::string_view word) {
  auto seed = Secret::from(sha256(bytes_of(word)));
  return *SigningKey::from_seed(*std::move(seed));
}

inline Time time_of(std::string_view text) { return *from_rfc3339(text); }

inline Bytes bytes_from(std::string_view hex) { return *from_hex(hex); }

inline Root sample_root(const std::string& path) {
  Root root;
  root.path = path;
  root.identity = {2049, 131073, 29};
  root.size_bytes = 1 << 20;
  root.file_system = {"ext4", "/srv", "rw,relatime", "/dev/sda1", InPlace::yes,
                      false,  false,  false,         false,       0};
  return root;
}

/// A whole drive that says everything about itself.
inline Root sample_drive() {
  DeviceFacts device;
  device.path = "/dev/sdx";
  device.stable_path = "/dev/disk/by-id/ata-Model_7_S3RIAL";
  device.kind = DeviceKind::disk;
  device.number = 2160;
  device.sequence = 17;
  device.disk = "sdx";
  device.place = {0, 1 << 20};
  device.vendor = "ATA";
  device.model = "Model 7";
  device.serial = "S3RIAL";
  device.serial_source = "sysfs";
  device.wwn = "naa.5000c500a1b2c3d4";
  device.firmware = "FW01";
  device.size_bytes = 1 << 20;
  device.physical_block_bytes = 4096;
  device.bus = "ata";
  device.storage = Storage::rotational;
  device.hidden_area = HiddenArea::none;
  device.content = {{"filesystem", "ext4", "old", "0192a1b2", 1080}};
  Root root;
  root.path = device.path;
  root.identity = {device.number, device.sequence, 0};
  root.kind = NodeKind::block_device;
  root.size_bytes = device.size_bytes;
  root.device = std::move(device);
  return root;
}

/// One target of that kind with one root.
inline Plan sample_plan(TargetKind kind, const std::string& path = "/srv/disk.img") {
  Plan plan;
  plan.rules.scheme = *find_scheme("moj-3r");
  plan.rules.keystream = "aes_256_ctr";
  plan.targets.push_back({kind, {kind == TargetKind::drive ? sample_drive() : sample_root(path)}});
  return plan;
}

inline PassEvidence sample_pass(bool verified) {
  PassEvidence pass;
  pass.content.keystream = "aes_256_ctr";
  pass.written_bytes = 1 << 20;
  pass.started = time_of("2026-11-22T01:00:00Z");
  pass.finished = time_of("2026-11-22T01:00:01.25Z");
  pass.verified = verified;
  if (verified) pass.compared_bytes = 1 << 20;
  return pass;
}

/// A run of three passes that went well.
inline Evidence sample_evidence(TargetKind kind) {
  Evidence evidence;
  evidence.kind = kind;
  evidence.outcome = Outcome::sanitized;
  evidence.size_bytes = evidence.content_bytes = 1 << 20;
  evidence.passes_planned = 3;
  evidence.passes = {sample_pass(false), sample_pass(false), sample_pass(true)};
  evidence.cache_bypass = CacheBypass::direct_io;
  evidence.started = time_of("2026-11-22T01:00:00Z");
  evidence.finished = time_of("2026-11-22T01:00:04Z");
  if (kind == TargetKind::drive) evidence.afterwards = {"reread", std::vector<ContentSignature>{}};
  if (kind != TargetKind::files) {
    evidence.passes.back().content.key = Bytes(32, std::byte{7});
    evidence.passes.back().disk_bytes_read = 1 << 20;
  } else {
    evidence.entries = 2;
    evidence.entries_by_outcome[Outcome::sanitized] = 2;
    evidence.names_removed = 2;
    evidence.manifest_root = to_hex(sha256(bytes_of("manifest")));
  }
  return evidence;
}

inline Signer signer_of(KeyRole role, const SigningKey& key, const std::string& name = {}) {
  return {role, key_id_of(key.public_key()), name};
}

inline Issuance sample_issuance(std::vector<Signer> signers) {
  Issuance issuance;
  issuance.id = kSampleId;
  issuance.issued = time_of("2026-11-22T01:00:05Z");
  issuance.clock = ClockState::synchronised;
  issuance.machine = {"host", "Debian GNU/Linux 12 (bookworm)", "Linux 6.1.0", "0123456789abcdef"};
  issuance.account = {0, "root", 1000, "someone"};
  issuance.signers = std::move(signers);
  issuance.tool_version = "0.1.0";
  issuance.tool_sha256 = to_hex(sha256(bytes_of("program")));
  issuance.host_bound = true;
  issuance.ledger_origin = "quietus/host/0123456789abcdef";
  issuance.run_event_index = 4;
  return issuance;
}

inline std::string sample_statement(TargetKind kind, std::vector<Signer> signers) {
  const Plan plan = sample_plan(kind);
  return make_statement(plan, plan.targets[0], sample_evidence(kind),
                        sample_issuance(std::move(signers)))
      .body;
}

/// The role in which the statement names the key; a machine where it does not.
inline KeyRole role_in(std::string_view body, const SigningKey& key) {
  constexpr std::string_view kMember = "\"role\": \"";
  const std::size_t named = body.find(key_id_of(key.public_key()));
  const std::size_t at = named == std::string_view::npos ? named : body.rfind(kMember, named);
  if (at == std::string_view::npos) return KeyRole::machine;
  const std::size_t begin = at + kMember.size();
  const auto role = key_role_from(body.substr(begin, body.find('"', begin) - begin));
  return role ? *role : KeyRole::machine;
}

/// An envelope by these keys, in the roles that the statement has for them.
inline std::string sign_statement(std::string_view body, std::span<const SigningKey* const> keys) {
  std::vector<StatementSigner> signers;
  for (const SigningKey* key : keys) signers.push_back({role_in(body, *key), key});
  std::string text = quietus::sign_statement(body, std::span<const StatementSigner>(signers));
  Result<Envelope> envelope = envelope_from(text);
  if (!envelope) return text;
  envelope->attachments.clear();
  return to_text(*envelope);
}

/// An image's certificate signed by the machine alone.
inline std::string sample_envelope(const SigningKey& machine) {
  const std::array<const SigningKey*, 1> keys{&machine};
  return sign_statement(sample_statement(TargetKind::image, {signer_of(KeyRole::machine, machine)}),
                        keys);
}

inline TrustStore trust_in(const SigningKey& key, std::vector<std::string> namespaces = {},
                           const std::string& principal = "host") {
  return {{{principal, key.public_key(), std::move(namespaces), {}, {}}}};
}

/// Replaces the first occurrence; the text must have one.
inline std::string with(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? std::string() : text.replace(at, what.size(), by);
}

/// What a shell command prints; none if it fails.
inline std::optional<std::string> output_of(const std::string& command) {
  std::string output;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::array<char, 4096> piece{};
  std::size_t got = 0;
  while ((got = std::fread(piece.data(), 1, piece.size(), pipe)) > 0) {
    output.append(piece.data(), got);
  }
  if (pclose(pipe) != 0) return std::nullopt;
  return output;
}

}  // namespace quietus::test
