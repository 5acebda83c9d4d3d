// SPDX-License-Identifier: GPL-3.0-or-later
// A drive that sanitized itself: plan and evidence, to be spoilt one thing at a time.
#pragma once

#include <string>

#include "unit/certificate_samples.h"

namespace quietus::test {

inline const std::string kBlockErase = "SANITIZE DEVICE, BLOCK ERASE EXT (ACS-4 7.35)";

inline DriveAbilities sample_abilities() {
  DriveAbilities out;
  out.commands = CommandSet::ata;
  out.identity = {"Model 7", "S3RIAL", "FW01", "naa.5000c500a1b2c3d4", 0, "", "", 1 << 20};
  for (const Method method : all_methods()) {
    if (!is_firmware(method)) continue;
    MethodAbility ability;
    ability.method = method;
    ability.supported = method == Method::sanitize_block ? Answer::yes : Answer::no;
    if (method == Method::sanitize_block) ability.command = kBlockErase;
    out.methods.push_back(ability);
  }
  out.hidden = {Answer::no, {}, 1 << 20, 1 << 20, ""};
  return out;
}

/// Block erase of a flash drive, chosen by the policy's order.
inline Plan firmware_plan() {
  Plan plan = sample_plan(TargetKind::drive);
  plan.rules.method.reset();
  Target& target = plan.targets[0];
  target.choice = {Method::sanitize_block,
                   true,
                   "the first of the policy's methods that the drive has",
                   {{Method::sanitize_crypto, "the drive does not have it"}}};
  DeviceFacts& device = *target.roots[0].device;
  device.storage = Storage::flash;
  device.abilities = sample_abilities();
  return plan;
}

inline FirmwareEvidence sample_firmware() {
  FirmwareEvidence out;
  out.method = Method::sanitize_block;
  out.command = kBlockErase;
  out.commands = CommandSet::ata;
  out.identity = sample_abilities().identity;
  out.hidden_before = out.hidden_after = sample_abilities().hidden;
  out.estimate_s = 120;
  out.sent = time_of("2026-11-22T01:00:01Z");
  out.ended = time_of("2026-11-22T01:00:03Z");
  out.reported = "succeeded";
  out.reported_text = "SD4, sanitize operation succeeded";
  out.before = {{"ata_identify", time_of("2026-11-22T01:00:00Z"), Bytes(512, std::byte{0x5a})}};
  out.after = {{"ata_registers", {}, bytes_from("50000080")}};
  DriveCanaries canaries;
  canaries.seed = Bytes(32, std::byte{3});
  canaries.block_bytes = 4096;
  canaries.planted_blocks = canaries.checked_blocks = 256;
  canaries.planted_bytes = 1 << 20;
  canaries.whole_medium = true;
  canaries.read_back_by = "fua";
  out.canaries = canaries;
  AfterSample sample;
  sample.seed = Bytes(32, std::byte{4});
  sample.sample_bytes = sample.read_bytes = 1 << 17;
  sample.looks = "zeros";
  out.sample = sample;
  return out;
}

inline DriveHealth sample_health(std::uint64_t reallocated) {
  DriveHealth out;
  out.source = "ata_smart";
  out.reallocated_sectors = reallocated;
  out.pending_sectors = 0;
  out.raw = bytes_from("0102");
  return out;
}

/// It went well.
inline Evidence firmware_evidence() {
  Evidence evidence = sample_evidence(TargetKind::drive);
  evidence.passes.clear();
  evidence.passes_planned = 0;
  evidence.firmware = sample_firmware();
  evidence.health_before = evidence.health_after = sample_health(2);
  evidence.facts = {{"firmware_trusted", "the drive's firmware is trusted for spare areas", false}};
  return evidence;
}

/// One canary is still there.
inline Evidence survived_evidence() {
  Evidence evidence = firmware_evidence();
  evidence.outcome = Outcome::verification_failed;
  evidence.firmware->canaries->survived_blocks = 1;
  evidence.firmware->canaries->survivors = {{8192, 4096}};
  evidence.facts.push_back({"canary_survived", "1 block of 256 is still there, bit for bit", true});
  return evidence;
}

/// The keys of a volume on the whole drive, by declaration the only ones.
inline Plan key_plan() {
  Plan plan = firmware_plan();
  plan.rules.method = Method::key_erase;
  plan.targets[0].choice = {Method::key_erase, false, "asked for", {}};
  plan.declarations.always_encrypted = true;
  plan.declarations.no_residual_copies = true;
  return plan;
}

inline Evidence key_evidence() {
  Evidence evidence = firmware_evidence();
  KeyEvidence keys;
  keys.volume.type = "LUKS2";
  keys.volume.uuid = "7f4f3a0c-0000-4000-8000-000000000001";
  keys.volume.cipher = "aes-xts-plain64";
  keys.volume.key_bits = 512;
  keys.volume.key_slots = {0, 1};
  keys.volume.header = {0, 1 << 19};
  keys.volume.data_offset = 1 << 19;
  keys.slots_destroyed = true;
  keys.overwritten_bytes = keys.compared_bytes = 1 << 19;
  keys.searched_bytes = 1 << 20;
  evidence.firmware = FirmwareEvidence{};
  evidence.firmware->method = Method::key_erase;
  evidence.firmware->command = "LUKS2 key slots and header";
  evidence.firmware->keys = keys;
  return evidence;
}

}  // namespace quietus::test
