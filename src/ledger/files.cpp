// SPDX-License-Identifier: GPL-3.0-or-later
// File access for the log, through Directory and Medium only.
#include "ledger/files.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ledger/leaf.h"

namespace quietus::ledger {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10U;

}  // namespace

Error damaged(std::string_view what) { return {Errc::malformed, 0, std::string(what)}; }

Status allowing(Errc code, Status status) {
  if (!status && status.error().code == code) return {};
  return status;
}

Result<std::string> read_file(Directory& directory, const std::string& name,
                              std::size_t max_bytes) {
  auto medium = directory.open_at(name, Access::read);
  if (!medium) return medium.error();
  std::string text;
  Bytes buffer(std::min(max_bytes + 1, kReadBytes));
  while (text.size() <= max_bytes) {
    const Result<std::size_t> got = (*medium)->read_at(buffer, text.size(), Transfer::buffered);
    if (!got) return got.error().in(name);
    if (*got == 0) return text;
    text += text_of(std::span(buffer).first(*got));
  }
  return damaged(name + " is longer than it can be");
}

Result<std::optional<std::string>> read_file_if_there(Directory& directory, const std::string& name,
                                                      std::size_t max_bytes) {
  Result<std::string> text = read_file(directory, name, max_bytes);
  if (text) return std::optional<std::string>(std::move(*text));
  if (text.error().code == Errc::not_found) return std::optional<std::string>();
  return text.error();
}

Status write_all(Medium& medium, std::string_view text, std::uint64_t offset) {
  std::span<const std::byte> rest = bytes_of(text);
  while (!rest.empty()) {
    const Result<std::size_t> put = medium.write_at(rest, offset, Transfer::buffered);
    if (!put) return put.error();
    if (*put == 0) return Error{Errc::io, 0, "a write took nothing"};
    rest = rest.subspan(*put);
    offset += *put;
  }
  return {};
}

Status write_new_file(Directory& directory, const std::string& name, std::string_view text) {
  auto medium = directory.create_at(name, kFileMode);
  if (!medium) return medium.error();
  if (Status put = write_all(**medium, text, 0); !put) return put.error().in(name);
  return (*medium)->flush();
}

Status replace_file(Directory& directory, const std::string& name, std::string_view text) {
  const std::string temporary = name + ".tmp";
  if (Status gone = allowing(Errc::not_found, directory.unlink_at(temporary)); !gone) return gone;
  if (Status put = write_new_file(directory, temporary, text); !put) return put;
  return directory.replace_at(temporary, name);
}

LineReader::LineReader(Medium& medium, std::uint64_t offset)
    : medium_(&medium), buffer_(kReadBytes), offset_(offset) {}

Result<bool> LineReader::refill() {
  at_ = 0;
  filled_ = 0;
  const Result<std::size_t> got = medium_->read_at(buffer_, offset_, Transfer::buffered);
  if (!got) return got.error().in(kEntriesFile);
  filled_ = *got;
  return filled_ > 0;
}

Result<std::optional<Line>> LineReader::next() {
  Line line;
  for (;;) {
    if (at_ == filled_) {
      const Result<bool> more = refill();
      if (!more) return more.error();
      if (!*more) return std::optional<Line>();
    }
    const auto rest = std::span(buffer_).first(filled_).subspan(at_);
    const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
    const auto length = static_cast<std::size_t>(end - rest.begin());
    const std::size_t room = kMaxLeafBytes + 1 - line.text.size();
    line.text += text_of(rest.first(std::min(length, room)));
    const bool whole = end != rest.end();
    at_ += length + (whole ? 1 : 0);
    offset_ += length + (whole ? 1 : 0);
    if (!whole) continue;
    line.end = offset_;
    return std::optional<Line>(std::move(line));
  }
}

}  // namespace quietus::ledger
