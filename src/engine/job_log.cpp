// SPDX-License-Identifier: GPL-3.0-or-later
// The job file's text. A header of "key value" lines, the secret in a line of its own, then blocks
// of records; header and blocks each end with a line "--- " and the first 16 hex digits of the
// SHA-256 of the block, so that a torn end is seen. Only the secret is ever changed in place.
#include "quietus/job_log.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "quietus/digest.h"
#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::string_view kMagic = "quietus-job-v1";
constexpr std::string_view kSuffix = ".job";
constexpr std::string_view kEnd = "--- ";
constexpr std::string_view kSecret = "secret ";
constexpr std::size_t kChecksumDigits = 16;
constexpr std::size_t kSecretDigits = 2 * Secret::kBytes;
constexpr std::uint32_t kPrivateFile = 0600;
// A record block every ten seconds for four weeks is below this.
constexpr std::uint64_t kMaxBytes = std::uint64_t{256} << 20U;
constexpr std::string_view kAbsent = "-";
// A process that was killed lets go of it within an instant, but not at once.
constexpr std::chrono::milliseconds kLockPatience{2000};

Error malformed(const std::string& what) { return {Errc::malformed, 0, "the job file: " + what}; }

std::string checksum(std::string_view block) {
  return to_hex(sha256(bytes_of(block))).substr(0, kChecksumDigits);
}

std::string closed(std::string block) {
  const std::string sum = checksum(block);
  return std::move(block.append(kEnd).append(sum).append("\n"));
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t space = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, space));
    line.remove_prefix(std::min(space + 1, line.size()));
  }
  return words;
}

std::string line_of(const MapRecord& one) {
  return "map " + std::to_string(one.pass) + " " + std::to_string(one.extent.offset) + " " +
         std::to_string(one.extent.length) + " " + std::string(name_of(one.state)) + " " +
         std::to_string(one.os_code) + "\n";
}

std::string line_of(const PassRecord& one) {
  const std::string read =
      one.disk_bytes_read ? std::to_string(*one.disk_bytes_read) : std::string(kAbsent);
  return "pass " + std::to_string(one.pass) + " " + (one.verified ? "1 " : "0 ") +
         (one.flushed ? "1 " : "0 ") + to_rfc3339(one.started) + " " + to_rfc3339(one.finished) +
         " " + read + "\n";
}

std::string line_of(const ResumeRecord& one) { return "resumed " + to_rfc3339(one.at) + "\n"; }

std::string line_of(const Condition& one) {
  const std::string temperature = one.temperature_millicelsius
                                      ? std::to_string(*one.temperature_millicelsius)
                                      : std::string(kAbsent);
  return "condition " + to_rfc3339(one.at) + " " + std::to_string(one.pass) + " " +
         std::string(name_of(one.kind)) + " " + std::to_string(one.done_bytes) + " " +
         std::to_string(one.bytes_per_second) + " " + temperature + "\n";
}

constexpr std::array<std::string_view, 4> kPhases{"canaries", "command", "reported", "checked"};

/// The text in hex, since it may hold anything.
std::string line_of(const OperationRecord& one) {
  const std::string text =
      one.text.empty() ? std::string(kAbsent) : to_hex(bytes_of(std::string_view(one.text)));
  return "operation " + std::string(name_of(one.phase)) + " " + to_rfc3339(one.at) + " " + text +
         "\n";
}

/// Takes one word after the other; a word that is not as it should be spoils the whole line.
class Words {
 public:
  explicit Words(std::string_view line) : words_(words_of(line)) {}

  std::string_view text() {
    if (next_ < words_.size()) return words_[next_++];
    good_ = false;
    return {};
  }
  std::uint64_t number() {
    const auto value = decimal_from(text());
    good_ = good_ && value.has_value();
    return value.value_or(0);
  }
  std::int64_t signed_number() {
    const std::string_view word = text();
    const bool negative = word.starts_with('-');
    const auto value = decimal_from(word.substr(negative ? 1 : 0));
    constexpr std::uint64_t kLargest = 0x7fffffff;
    good_ = good_ && value && *value <= kLargest;
    if (!good_) return 0;
    return negative ? -static_cast<std::int64_t>(*value) : static_cast<std::int64_t>(*value);
  }
  std::uint32_t pass() {
    const std::uint64_t value = number();
    constexpr std::uint64_t kMostPasses = 1'000'000;
    good_ = good_ && value > 0 && value <= kMostPasses;
    return good_ ? static_cast<std::uint32_t>(value) : 1;
  }
  bool flag() {
    const std::string_view word = text();
    good_ = good_ && (word == "0" || word == "1");
    return word == "1";
  }
  Time time() {
    const Result<Time> value = from_rfc3339(text());
    good_ = good_ && value.ok();
    return value ? *value : Time{};
  }
  bool absent() {
    const bool is = next_ < words_.size() && words_[next_] == kAbsent;
    if (is) ++next_;
    return is;
  }
  void spoil() { good_ = false; }
  [[nodiscard]] bool all_good() const { return good_ && next_ == words_.size(); }

 private:
  std::vector<std::string_view> words_;
  std::size_t next_ = 0;
  bool good_ = true;
};

ExtentState state_from(std::string_view name, Words& words) {
  constexpr std::array kStates{ExtentState::written,      ExtentState::verified,
                               ExtentState::write_failed, ExtentState::read_failed,
                               ExtentState::mismatch,     ExtentState::unknown};
  for (const ExtentState state : kStates) {
    if (name_of(state) == name) return state;
  }
  words.spoil();
  return ExtentState::untouched;
}

JobRecord read_map(Words& words) {
  MapRecord one;
  one.pass = words.pass();
  one.extent.offset = words.number();
  one.extent.length = words.number();
  if (one.extent.end() < one.extent.offset) words.spoil();
  one.state = state_from(words.text(), words);
  one.os_code = static_cast<int>(words.signed_number());
  return one;
}

JobRecord read_pass(Words& words) {
  PassRecord one;
  one.pass = words.pass();
  one.verified = words.flag();
  one.flushed = words.flag();
  one.started = words.time();
  one.finished = words.time();
  if (!words.absent()) one.disk_bytes_read = words.number();
  return one;
}

JobRecord read_resumed(Words& words) { return ResumeRecord{words.time()}; }

JobRecord read_condition(Words& words) {
  Condition one;
  one.at = words.time();
  one.pass = words.pass();
  const std::string_view kind = words.text();
  one.kind = kind == name_of(SweepKind::verify) ? SweepKind::verify : SweepKind::write;
  if (kind != name_of(one.kind)) words.spoil();
  one.done_bytes = words.number();
  one.bytes_per_second = words.number();
  if (!words.absent()) {
    one.temperature_millicelsius = static_cast<std::int32_t>(words.signed_number());
  }
  return one;
}

JobRecord read_operation(Words& words) {
  OperationRecord one;
  const std::string_view phase = words.text();
  const auto* const known = std::find(kPhases.begin(), kPhases.end(), phase);
  if (known == kPhases.end()) words.spoil();
  one.phase =
      static_cast<OperationRecord::Phase>(known == kPhases.end() ? 0 : known - kPhases.begin());
  one.at = words.time();
  if (words.absent()) return one;
  const Result<Bytes> text = from_hex(words.text());
  if (text) {
    one.text = text_of(*text);
  } else {
    words.spoil();
  }
  return one;
}

struct RecordRow {
  std::string_view word;
  JobRecord (*read)(Words&);
};

constexpr std::array<RecordRow, 5> kRecords{{{"map", read_map},
                                             {"operation", read_operation},
                                             {"pass", read_pass},
                                             {"resumed", read_resumed},
                                             {"condition", read_condition}}};

/// Adds a block's records, all or, if a line is not understood, none.
bool add_block(std::string_view block, std::vector<JobRecord>& records) {
  std::vector<JobRecord> found;
  while (const auto line = take_line(block)) {
    Words words(*line);
    const std::string_view word = words.text();
    const auto* const row = std::find_if(kRecords.begin(), kRecords.end(),
                                         [&](const RecordRow& one) { return one.word == word; });
    if (row == kRecords.end()) return false;
    found.push_back(row->read(words));
    if (!words.all_good()) return false;
  }
  records.insert(records.end(), found.begin(), found.end());
  return true;
}

/// Takes a block and its closing line off the text; none: there is no whole one any more.
std::optional<std::string_view> take_block(std::string_view& text) {
  std::string_view rest = text;
  while (true) {
    const std::size_t length = text.size() - rest.size();
    const auto line = take_line(rest);
    if (!line) return std::nullopt;
    if (!line->starts_with(kEnd)) continue;
    const std::string_view block = text.substr(0, length);
    if (line->substr(kEnd.size()) != checksum(block)) return std::nullopt;
    text = rest;
    return block;
  }
}

/// What a file's text says, and where its parts lie.
struct ParsedJob {
  JobState state;
  std::uint64_t secret_offset = 0;  ///< of the hex digits
  std::uint64_t end = 0;            ///< of the last whole block
};

Status parse_header(std::string_view block, JobHeader& header) {
  const auto magic = take_line(block);
  if (!magic || *magic != kMagic) return malformed("its version is not known");
  const auto value_of = [&](std::string_view key) -> std::optional<std::string> {
    const auto line = take_line(block);
    if (!line || !line->starts_with(key)) return std::nullopt;
    return std::string(line->substr(key.size()));
  };
  const auto id = value_of("id ");
  const auto created = value_of("created ");
  const auto request = value_of("request ");
  const Result<Time> at = from_rfc3339(created.value_or(""));
  if (!id || !at || !request || !block.empty()) return malformed("its header is not understood");
  header = {*id, *at, *request};
  return {};
}

Status parse_secret(std::string_view line, JobState& state) {
  if (!line.starts_with(kSecret)) return malformed("there is no secret");
  const std::string_view digits = line.substr(kSecret.size());
  if (digits.find_first_not_of('0') == std::string_view::npos) return {};
  Result<Bytes> bytes = from_hex(digits);
  if (!bytes) return malformed("the secret is not understood");
  Result<Secret> secret = Secret::from(*bytes);
  wipe(*bytes);
  if (!secret) return secret.error();
  state.secret = std::move(*secret);
  return {};
}

Result<ParsedJob> parse(std::string_view text) {
  ParsedJob job;
  std::string_view rest = text;
  const auto header = take_block(rest);
  if (!header) return malformed("it has no whole header");
  if (Status good = parse_header(*header, job.state.header); !good) return good.error();
  job.secret_offset = text.size() - rest.size() + kSecret.size();
  const auto secret = take_line(rest);
  if (!secret) return malformed("there is no secret");
  if (Status good = parse_secret(*secret, job.state); !good) return good.error();
  job.end = text.size() - rest.size();
  while (const auto block = take_block(rest)) {
    if (!add_block(*block, job.state.records)) break;
    job.end = text.size() - rest.size();
  }
  return job;
}

Result<std::string> read_all(Medium& medium) {
  const Result<Attributes> seen = medium.attributes();
  if (!seen) return seen.error();
  if (seen->size_bytes > kMaxBytes) return malformed("it is too long");
  std::string text(static_cast<std::size_t>(seen->size_bytes), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const auto got = medium.read_at(std::as_writable_bytes(std::span(text)).subspan(filled), filled,
                                    Transfer::buffered);
    if (!got) return got.error();
    if (*got == 0) break;
    filled += *got;
  }
  text.resize(filled);
  return text;
}

Result<ParsedJob> parse_file(Medium& medium) {
  Result<std::string> text = read_all(medium);
  if (!text) return text.error();
  Result<ParsedJob> job = parse(*text);
  wipe(std::as_writable_bytes(std::span(*text)));
  return job;
}

Status write_at(Medium& medium, std::string_view text, std::uint64_t offset) {
  std::span<const std::byte> rest = bytes_of(text);
  while (!rest.empty()) {
    const auto taken = medium.write_at(rest, offset, Transfer::buffered);
    if (!taken) return taken.error();
    if (*taken == 0) return Error{Errc::no_space, 0, "the job file takes no more bytes"};
    offset += *taken;
    rest = rest.subspan(*taken);
  }
  return {};
}

}  // namespace

std::string_view name_of(OperationRecord::Phase phase) {
  return kPhases.at(static_cast<std::size_t>(phase));
}

Status JobLog::lock_and_open() {
  auto lock = folder_->lock_at(name_, kLockPatience);
  if (!lock) return lock.error();
  lock_ = std::move(*lock);
  auto medium = folder_->open_at(name_, Access::read_write);
  if (!medium) return medium.error();
  medium_ = std::move(*medium);
  return {};
}

Result<JobLog> JobLog::create(Directory& folder, const JobHeader& header, const Secret& secret) {
  JobLog log(folder, header.id + std::string(kSuffix));
  auto made = folder.create_at(log.name_, kPrivateFile);
  if (!made) return made.error();
  made->reset();
  if (Status opened = log.lock_and_open(); !opened) return opened.error();
  std::string digits = to_hex(secret.bytes());
  std::string text = closed(std::string(kMagic) + "\nid " + header.id + "\ncreated " +
                            to_rfc3339(header.created) + "\nrequest " + header.request + "\n");
  log.secret_offset_ = text.size() + kSecret.size();
  text.reserve(text.size() + kSecret.size() + digits.size() + 1);  // no copy is left behind
  text.append(kSecret).append(digits).append("\n");
  Status written = log.write_at_end(text);
  wipe(std::as_writable_bytes(std::span(digits)));
  wipe(std::as_writable_bytes(std::span(text)));
  if (written) written = folder.sync();
  if (written) return log;
  static_cast<void>(log.finish().ok());  // a part of the secret may be there
  return written.error();
}

Result<JobLog> JobLog::open(Directory& folder, const std::string& id) {
  JobLog log(folder, id + std::string(kSuffix));
  // The lock would make the file.
  if (const auto seen = folder.inspect_at(log.name_); !seen) return seen.error();
  if (Status opened = log.lock_and_open(); !opened) return opened.error();
  const Result<ParsedJob> job = parse_file(*log.medium_);
  if (!job) return job.error();
  log.secret_offset_ = job->secret_offset;
  log.end_ = job->end;
  if (Status cut = log.medium_->resize(log.end_); !cut) return cut.error();
  return log;
}

Status JobLog::write_at_end(const std::string& block) {
  if (Status written = write_at(*medium_, block, end_); !written) return written;
  if (Status flushed = medium_->flush(); !flushed) return flushed;
  end_ += block.size();
  return {};
}

Status JobLog::append(const std::vector<JobRecord>& records) {
  std::string block;
  for (const JobRecord& record : records) {
    block += std::visit([](const auto& one) { return line_of(one); }, record);
  }
  if (block.empty()) return {};
  const Status written = write_at_end(closed(std::move(block)));
  return written ? written : Status(written.error().in("the job file could not be written"));
}

Status JobLog::finish() {
  const std::string zeros(kSecretDigits, '0');
  if (Status wiped = write_at(*medium_, zeros, secret_offset_); !wiped) return wiped;
  if (Status flushed = medium_->flush(); !flushed) return flushed;
  if (Status removed = folder_->unlink_at(name_); !removed) return removed;
  return folder_->sync();
}

Result<JobState> job_from(std::string_view text) {
  Result<ParsedJob> job = parse(text);
  if (!job) return job.error();
  return std::move(job->state);
}

Result<JobState> read_job(Directory& folder, const std::string& id) {
  auto medium = folder.open_at(id + std::string(kSuffix), Access::read);
  if (!medium) return medium.error();
  Result<ParsedJob> job = parse_file(**medium);
  if (!job) return job.error();
  return std::move(job->state);
}

Result<std::vector<std::string>> list_jobs(Directory& folder) {
  std::vector<std::string> ids;
  while (true) {
    const auto entry = folder.next_entry();
    if (!entry) return entry.error();
    if (!*entry) break;
    const std::string& name = (*entry)->name;
    if (name.ends_with(kSuffix)) ids.push_back(name.substr(0, name.size() - kSuffix.size()));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace quietus
