// SPDX-License-Identifier: GPL-3.0-or-later
// Records of fills, what killed runs left, and ballast.
#include "cli/leftovers.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/json_text.h"
#include "quietus/text.h"

#include "cli/records.h"

namespace quietus::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint32_t kPrivateFile = 0600;
constexpr std::uint64_t kMaxRecordBytes = 64 << 10U;  // PATH_MAX in base64, and little else
// A process that was killed lets go of a lock within an instant, but not at once.
constexpr std::chrono::milliseconds kLockPatience{2000};
// A certificate with a thousand exceptions, and what the ledger and the receipt need beside it.
constexpr std::size_t kBallastFiles = 16;
constexpr std::size_t kBallastFirstBytes = std::size_t{4} << 20U;
constexpr std::size_t kBallastBytes = std::size_t{64} << 10U;

Result<std::vector<std::string>> entries_of(Directory& directory) {
  std::vector<std::string> names;
  while (true) {
    const auto next = directory.next_entry();
    if (!next) return next.error();
    if (!*next) return names;
    names.push_back((*next)->name);
  }
}

/// Whether a record is about this very directory, and not about what is mounted on it at times.
bool is_about(const FillRecord& record, Directory& directory) {
  const Result<Attributes> seen = directory.attributes();
  return seen && seen->identity.inode == record.inode;
}

/// None: it stays as it is.
std::optional<Leftover> clear_one(Directory& jobs, const std::string& name, Platform& platform,
                                  const StopFlag& stop) {
  const auto lock = jobs.lock_at(name, kLockPatience);
  if (!lock) return std::nullopt;
  const Result<std::string> text = read_text(jobs, name, kMaxRecordBytes);
  if (!text) return std::nullopt;
  Leftover one;
  const Result<FillRecord> record = fill_record_from(*text);
  if (record) {
    one.directory = record->directory;
    one.folder = record->name;
    auto directory = platform.open_directory(record->directory);
    if (!directory || !is_about(*record, **directory)) return std::nullopt;
    const Result<FillRemains> remains = take_back(**directory, *record, platform, stop);
    if (remains) one.remains = *remains;
    one.removed = remains ? Status() : Status(remains.error());
  }
  // A torn record was never in force: the fill begins when it is durable.
  if (one.removed) one.removed = jobs.unlink_at(name);
  return one;
}

}  // namespace

std::string to_line(const FillRecord& record) {
  Json json = {{"v", 1},
               {"directory_base64", to_base64(bytes_of(record.directory))},
               {"inode", std::to_string(record.inode)},
               {"name", record.name},
               {"boot_id", record.boot_id}};
  if (record.withheld_blocks) {
    json["withheld_blocks"] = std::to_string(*record.withheld_blocks);
    json["withheld_meanwhile"] = std::to_string(record.withheld_meanwhile);
  }
  return json.dump() + "\n";
}

Result<FillRecord> fill_record_from(const std::string& line) {
  const Error malformed{Errc::malformed, 0, "the record of a fill is damaged"};
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return malformed;
  const auto text_in = [&json](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  FillRecord record;
  const Result<Bytes> directory = from_base64(text_in("directory_base64"));
  const auto inode = decimal_from(text_in("inode"));
  record.name = text_in("name");
  record.boot_id = text_in("boot_id");
  if (json.contains("withheld_blocks")) {
    record.withheld_blocks = decimal_from(text_in("withheld_blocks"));
    record.withheld_meanwhile = decimal_from(text_in("withheld_meanwhile")).value_or(0);
  }
  if (!directory || directory->empty() || !inode || !is_fill_name(record.name)) return malformed;
  record.directory = text_of(*directory);
  record.inode = *inode;
  return record;
}

Status FillFile::note(const FillRecord& record) {
  auto made = jobs_.create_at(name_, kPrivateFile);
  if (!made) return made.error();
  const auto write = [&]() -> Status {
    auto lock = jobs_.lock_at(name_, kLockPatience);
    if (!lock) return lock.error();
    lock_ = std::move(*lock);
    if (Status written = write_all(**made, bytes_of(to_line(record)), 0); !written) return written;
    if (Status flushed = (*made)->flush(); !flushed) return flushed;
    return jobs_.sync();
  };
  Status written = write();
  if (!written) static_cast<void>(finish().ok());
  return written;
}

Status FillFile::finish() {
  Status removed = jobs_.unlink_at(name_);
  lock_.reset();
  if (!removed && removed.error().code == Errc::not_found) return {};
  return removed ? jobs_.sync() : removed;
}

std::vector<Leftover> clear_recorded(Directory& jobs, Platform& platform, const StopFlag& stop) {
  std::vector<Leftover> cleared;
  const auto names = entries_of(jobs);
  if (!names) return cleared;
  for (const std::string& name : *names) {
    if (!name.ends_with(FillFile::kSuffix)) continue;
    if (auto one = clear_one(jobs, name, platform, stop)) cleared.push_back(std::move(*one));
  }
  return cleared;
}

std::vector<Leftover> clear_found(Directory& directory, const std::string& path, Platform& platform,
                                  const StopFlag& stop) {
  std::vector<Leftover> cleared;
  const auto names = entries_of(directory);
  if (!names) {
    cleared.push_back({path, {}, {}, names.error()});
    return cleared;
  }
  for (const std::string& name : *names) {
    if (!is_fill_name(name)) continue;
    FillRecord record;
    record.name = name;
    Leftover one{path, name, {}, {}};
    const Result<FillRemains> remains = take_back(directory, record, platform, stop);
    if (remains) one.remains = *remains;
    one.removed = remains ? Status() : Status(remains.error());
    cleared.push_back(std::move(one));
  }
  return cleared;
}

Result<Ballast> Ballast::hold(Directory& directory, Random& random) {
  std::array<std::byte, 8> suffix{};
  if (Status drawn = random.fill(suffix); !drawn) return drawn.error();
  const std::vector<std::byte> content(kBallastFirstBytes, std::byte{0x51});
  Ballast ballast;
  for (std::size_t number = 0; number < kBallastFiles; ++number) {
    const std::string name = ".quietus-ballast-" + to_hex(suffix) + "-" + std::to_string(number);
    auto file = directory.create_at(name, kPrivateFile);
    if (!file) return file.error();
    if (Status gone = directory.unlink_at(name); !gone) return gone.error();
    const std::size_t bytes = number == 0 ? kBallastFirstBytes : kBallastBytes;
    Status written = write_all(**file, std::span(content).first(bytes), 0);
    if (written) written = (*file)->flush();
    if (!written) return written.error();
    ballast.held_.push_back(std::move(*file));
  }
  return ballast;
}

}  // namespace quietus::cli
