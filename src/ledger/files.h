// SPDX-License-Identifier: GPL-3.0-or-later
// The log's small files as texts, and entries.jsonl as a stream of lines. Knows names and bytes,
// not what they mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "quietus/directory.h"
#include "quietus/result.h"
#include "quietus/text.h"

namespace quietus::ledger {

inline constexpr const char* kEntriesFile = "entries.jsonl";
inline constexpr const char* kBodiesFolder = "bodies";
inline constexpr std::uint32_t kFileMode = 0600;
inline constexpr std::uint32_t kFolderMode = 0700;

/// Errc::malformed: the log or a file of it is not what it should be.
[[nodiscard]] Error damaged(std::string_view what);

/// The status, with that one error taken for success.
[[nodiscard]] Status allowing(Errc code, Status status);

/// A whole file. Errors: as open_at and read_at have them; malformed (longer than `max_bytes`).
[[nodiscard]] Result<std::string> read_file(Directory& directory, const std::string& name,
                                            std::size_t max_bytes);
/// The same, with a missing file as an answer.
[[nodiscard]] Result<std::optional<std::string>> read_file_if_there(Directory& directory,
                                                                    const std::string& name,
                                                                    std::size_t max_bytes);

/// Writes all of it at `offset`, however short the transfers.
[[nodiscard]] Status write_all(Medium& medium, std::string_view text, std::uint64_t offset);
/// Makes a new file and flushes it. The name is durable only after directory.sync().
[[nodiscard]] Status write_new_file(Directory& directory, const std::string& name,
                                    std::string_view text);
/// Writes `name`.tmp and puts it in the place of `name` in one step. Durable after
/// directory.sync().
[[nodiscard]] Status replace_file(Directory& directory, const std::string& name,
                                  std::string_view text);

/// One line of entries.jsonl, without its LF. A longer text than kMaxLeafBytes is cut one byte
/// after that, so that it is no leaf any more.
struct Line {
  std::string text;
  std::uint64_t end = 0;  ///< offset after its LF
};

/// Reads whole lines in order. What follows the last LF is never given out.
class LineReader {
 public:
  /// `medium` must outlive the reader. Starts at `offset`, the beginning of a line.
  LineReader(Medium& medium, std::uint64_t offset);
  /// The next whole line; none at the end. Errors: as read_at has them.
  [[nodiscard]] Result<std::optional<Line>> next();

 private:
  [[nodiscard]] Result<bool> refill();

  Medium* medium_;
  Bytes buffer_;
  std::size_t at_ = 0;      // next byte in the buffer
  std::size_t filled_ = 0;  // bytes in the buffer
  std::uint64_t offset_;    // of the byte at at_
};

}  // namespace quietus::ledger
