// SPDX-License-Identifier: GPL-3.0-or-later
// Key slots by the system's own library, then the header's bytes, then whatever looks like a header
// anywhere else.
#include "engine/key_run.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "quietus/keystream.h"

#include "engine/drive_opening.h"
#include "engine/placement.h"

namespace quietus {
namespace {

// LUKS1 and LUKS2 On-Disk Format Specifications, "phdr" and "binary header": six bytes of magic,
// the UUID as text at byte 168 of both; LUKS2's size of a header's copy, big endian, at byte 8.
constexpr std::string_view kMagic = "LUKS\xba\xbe";
constexpr std::string_view kSecondMagic = "SKUL\xba\xbe";
constexpr std::size_t kUuidAt = 168;
constexpr std::size_t kUuidBytes = 40;
constexpr std::size_t kSectorBytes = 512;
constexpr std::size_t kMostHeaders = 65'536;  // kept; on a medium full of them the rest is counted

std::string uuid_at(std::span<const std::byte> sector) {
  const std::string text = text_of(sector.subspan(kUuidAt, kUuidBytes));
  return text.substr(0, text.find('\0'));
}

bool begins_with(std::span<const std::byte> sector, std::string_view magic) {
  return std::memcmp(sector.data(), magic.data(), magic.size()) == 0;
}

}  // namespace

KeyRun::KeyRun(const Plan& plan, const Target& target, const std::vector<PassContent>& passes,
               const Secret& job, Workbench& bench)
    : plan_(plan),
      target_(target),
      passes_(passes),
      job_(job),
      bench_(bench),
      started_(bench.begun ? *bench.begun : bench.clock.now()) {
  found_.method = Method::key_erase;
  found_.command = "destruction of all key slots and of the header with its copies (LUKS)";
  if (const DriveAbilities* abilities = asked_abilities(target.roots.front())) {
    found_.commands = abilities->commands;
    found_.identity = abilities->identity;
    found_.hidden_before = found_.hidden_after = abilities->hidden;
  }
}

Evidence KeyRun::run() {
  if (!bench_.stop.requested()) destroy_keys();
  keep_standing();
  if (sweeps_ && sweeps_->lost()) {
    note(Outcome::failed, {"device_hung", "it hung, and was given up", true});
  }
  if (bench_.stop.requested() && standing_.outcome != Outcome::failed) {
    note(Outcome::interrupted, {"interrupted", "the run was stopped before its end", false});
  }
  Evidence so_far = evidence();
  const bool goes_on = standing_.outcome != Outcome::failed &&
                       standing_.outcome != Outcome::interrupted && sweeps_ != nullptr;
  if (!plan_.rules.then_overwrite || !goes_on) return so_far;
  bench_.claimed = sweeps_->release();
  return overwrite_after(standing_, {plan_, target_, bench_, started_}, passes_,
                         {std::move(so_far), begun_ == Phase::checked});
}

void KeyRun::destroy_keys() {
  if (!open() || !know_volume() || begun_ == Phase::checked || !destroy_slots()) return;
  found_.sent = bench_.clock.now();
  if (!overwrite({intersection(keys_.volume.header, {0, sweeps_->geometry().size_bytes})})) return;
  if (!search()) return;
  overwrite_copies();
  if (sweeps_->stopped()) return;
  look_again();
  found_.ended = bench_.clock.now();
  if (sweeps_->stopped() || !plan_.rules.then_overwrite) return;
  if (Status kept = record(Phase::checked); !kept) {
    note(Outcome::sanitized, {"not_resumable", kept.error().what, false});
  }
}

/// All that is known goes to where it is recorded from.
void KeyRun::keep_standing() {
  found_.keys = keys_;
  standing_.evidence = found_;
}

Status KeyRun::record(Phase phase) {
  if (bench_.log == nullptr) return {};
  keep_standing();
  return bench_.log->append({OperationRecord{phase, bench_.clock.now(), to_line(standing_)}});
}

bool KeyRun::ends(Outcome outcome, Fact why) {
  note(outcome, std::move(why));
  return false;
}

void KeyRun::note(Outcome outcome, Fact fact) {
  standing_.outcome = worse(standing_.outcome, outcome);
  standing_.facts.push_back(std::move(fact));
}

bool KeyRun::open() {
  if (!bench_.claimed) {
    auto claimed = claim(target_.roots.front(), bench_.platform);
    if (!claimed) return ends(Outcome::failed, {"not_claimed", claimed.error().what, true});
    bench_.claimed = std::move(*claimed);
  }
  sweeps_ = std::make_unique<DriveSweeps>(bench_, plan_.rules, std::move(bench_.claimed));
  if (Status measured = sweeps_->measure(); !measured) {
    return ends(Outcome::failed, {"unreadable", measured.error().what, true});
  }
  const Result<const KeystreamBackend*> backend = find_keystream(plan_.rules.keystream);
  Result<Secret> key = job_.derive("key header", 0);
  if (!backend || !key) {
    return ends(Outcome::failed,
                {"not_begun", backend ? key.error().what : backend.error().what, true});
  }
  content_ = &sweeps_->keep({RandomContent{*backend, std::move(*key)}, true});
  return true;
}

/// From the header, or, where a run before may have begun to destroy it, from the record.
bool KeyRun::know_volume() {
  if (last_operation(bench_.records) != nullptr) return take_up();
  Result<EncryptedVolume> volume = sweeps_->drive().encrypted_volume();
  if (!volume) {
    const bool none = volume.error().code == Errc::not_found;
    return ends(Outcome::failed, {none ? "not_encrypted" : "header_unreadable",
                                  volume.error().what + "; nothing was written", true});
  }
  keys_.volume = std::move(*volume);
  const Status kept = record(Phase::command);
  if (kept) return true;
  return ends(Outcome::failed, {"not_recorded", kept.error().what + "; nothing was written", true});
}

/// Before its passes all of it is done once more, and after that none.
bool KeyRun::take_up() {
  const OperationRecord* last = last_operation(bench_.records);
  Result<FirmwareStanding> standing = standing_from(last->text);
  if (!standing || !standing->evidence.keys) {
    return ends(Outcome::interrupted,
                {"interrupted", "what the job recorded of the volume is not understood", true});
  }
  begun_ = last->phase;
  standing_ = std::move(*standing);
  found_ = standing_.evidence;
  keys_ = *found_.keys;
  // Somebody may have made another volume there since.
  const Result<EncryptedVolume> now = sweeps_->drive().encrypted_volume();
  if (now && now->uuid != keys_.volume.uuid) {
    return ends(Outcome::failed, {"identity_changed",
                                  "it holds another volume than the one that the job began with; "
                                  "nothing more was written",
                                  true});
  }
  for (const JobRecord& record : *bench_.records) {
    if (const auto* one = std::get_if<ResumeRecord>(&record)) resumed_.push_back(one->at);
  }
  resumed_.push_back(bench_.clock.now());
  if (begun_ == Phase::checked || bench_.log == nullptr) return true;
  if (Status kept = bench_.log->append({ResumeRecord{resumed_.back()}}); !kept) {
    note(Outcome::sanitized, {"not_resumable", kept.error().what, false});
  }
  return true;
}

bool KeyRun::destroy_slots() {
  const bool again = !resumed_.empty();
  const Status destroyed = sweeps_->drive().destroy_key_slots();
  keys_.slots_destroyed = destroyed.ok();
  if (destroyed) return true;
  if (again && destroyed.error().code == Errc::not_found) return true;  // overwritten before
  if (destroyed.error().code == Errc::busy) {
    return ends(Outcome::failed,
                {"volume_open", destroyed.error().what + "; nothing was destroyed", true});
  }
  note(Outcome::sanitized,
       {"slots_not_destroyed",
        "the key slots could not be destroyed one by one: " + destroyed.error().what, false});
  return true;
}

/// Writes, flushes and reads back. False: no use in going on.
bool KeyRun::overwrite(std::vector<Extent> places) {
  const std::uint64_t total = total_bytes(places);
  const SweptPlaces wrote = sweeps_->write(*content_, places, progress("preparing", total));
  if (sweeps_->stopped()) return false;
  const Status flushed = sweeps_->flush();
  if (sweeps_->lost()) return false;
  if (!flushed) {
    note(Outcome::sanitized_with_exceptions,
         {"flush_failed", "a flush failed: " + flushed.error().what, true});
  }
  keys_.overwritten_bytes += total_bytes(wrote.good);
  static_cast<void>(sweeps_->drive().drop_cache().ok());
  const SweptPlaces read = sweeps_->compare(*content_, wrote.good, {});
  if (sweeps_->stopped()) return false;
  keys_.compared_bytes += total_bytes(read.good);
  for (const Extent& one : read.differing) standing_.differing.push_back(one);
  for (const Extent& one : without(without(places, read.good), read.differing)) {
    bad_.push_back(one);
  }
  if (!read.differing.empty()) {
    standing_.outcome = worse(standing_.outcome, Outcome::verification_failed);
  }
  if (total_bytes(read.good) < total) {
    note(Outcome::sanitized_with_exceptions,
         {"header_left",
          human_bytes(total - total_bytes(read.good)) +
              " of a header could not be overwritten and read back",
          true});
  }
  return true;
}

/// The whole of what was named, at every sector.
bool KeyRun::search() {
  const std::uint64_t block = sweeps_->block_bytes();
  const Extent whole{0, sweeps_->geometry().size_bytes / block * block};
  const SeenPlaces seen = sweeps_->look(
      {whole}, progress("checking", whole.length),
      [this](std::uint64_t offset, std::span<const std::byte> data) { heard(offset, data); });
  if (sweeps_->stopped()) return false;
  keys_.searched_bytes = seen.read_bytes;
  if (seen.read_bytes < sweeps_->geometry().size_bytes) {
    note(Outcome::sanitized_with_exceptions,
         {"not_searched",
          human_bytes(sweeps_->geometry().size_bytes - seen.read_bytes) +
              " could not be searched for other copies of a header",
          true});
  }
  return true;
}

void KeyRun::heard(std::uint64_t offset, std::span<const std::byte> data) {
  for (std::size_t at = 0; at + kSectorBytes <= data.size(); at += kSectorBytes) {
    const auto sector = data.subspan(at, kSectorBytes);
    if (!begins_with(sector, kMagic) && !begins_with(sector, kSecondMagic)) continue;
    if (headers_.size() < kMostHeaders) {
      headers_.push_back({offset + at, uuid_at(sector)});
    } else {
      ++headers_not_kept_;
    }
  }
}

/// Those of the same volume go, too; others are not ours to destroy.
void KeyRun::overwrite_copies() {
  std::sort(headers_.begin(), headers_.end(),
            [](const Found& a, const Found& b) { return a.offset < b.offset; });
  std::vector<Extent> copies;
  std::uint64_t others = headers_not_kept_;
  std::uint64_t end = sweeps_->geometry().size_bytes;
  // From the end on: a copy reaches to the next header of another volume at most.
  for (auto one = headers_.rbegin(); one != headers_.rend(); ++one) {
    if (one->uuid == keys_.volume.uuid) {
      copies.push_back(intersection({one->offset, keys_.volume.header.length},
                                    {one->offset, end - one->offset}));
    } else {
      ++others;
      end = one->offset;
    }
  }
  keys_.copies_found = joined(copies);
  keys_.headers_left = others;
  if (others > 0) {
    note(Outcome::sanitized_with_exceptions,
         {"other_headers",
          "headers of other encrypted volumes are on it, and were left: " + std::to_string(others),
          true});
  }
  if (copies.empty()) return;
  const std::uint64_t before = keys_.compared_bytes;
  if (!overwrite(keys_.copies_found)) return;
  const bool all = keys_.compared_bytes - before == total_bytes(keys_.copies_found);
  if (!all) keys_.headers_left += keys_.copies_found.size();
}

void KeyRun::look_again() {
  const auto volume = sweeps_->drive().encrypted_volume();
  if (volume) {
    ++keys_.headers_left;
    note(Outcome::verification_failed,
         {"header_survived", "the system still reads the header of an encrypted volume", true});
  } else if (volume.error().code != Errc::not_found) {
    note(Outcome::sanitized_with_exceptions,
         {"not_probed", "whether a header is left could not be asked: " + volume.error().what,
          true});
  }
  if (!sweeps_->geometry().direct_reads_reach_medium) {
    note(Outcome::unverified,
         {"cache_not_bypassed", "what was read may have come from a cache of the system", true});
  }
  DeviceAfterwards after;
  const Status reread = sweeps_->drive().reread_partitions();
  const bool none = !reread && reread.error().code == Errc::unsupported;
  after.partition_table = reread ? "reread" : none ? "no_partitions" : reread.error().what;
  if (auto found = sweeps_->drive().signatures()) {
    for (const ContentSignature& one : *found) {
      note(Outcome::sanitized_with_exceptions,
           {"signatures_found", "what is read from it still looks like " + one.type, true});
    }
    after.signatures = std::move(*found);
  }
  standing_.afterwards = std::move(after);
  note(Outcome::sanitized,
       {"copies_elsewhere",
        "whoever has the key, or a copy of the header from elsewhere, can still read the data",
        false});
}

BytesDone KeyRun::progress(const char* state, std::uint64_t total) {
  return [this, state, total](std::uint64_t done) {
    bench_.events.on(OperationSeen{title_of(target_),
                                   std::string(name_of(Method::key_erase)),
                                   state,
                                   {},
                                   ppm_of(done, total),
                                   {},
                                   false});
  };
}

Evidence KeyRun::evidence() {
  const bool direct = sweeps_ && sweeps_->geometry().direct_reads_reach_medium;
  standing_.cache_bypass = direct ? CacheBypass::direct_io : CacheBypass::none;
  Evidence all = evidence_of(standing_, {plan_, target_, bench_, started_});
  for (const Extent& one : joined(bad_)) {
    all.extents.push_back({one, ExtentState::unknown, {}, 0});
  }
  all.resumed = resumed_;
  return all;
}

}  // namespace quietus
