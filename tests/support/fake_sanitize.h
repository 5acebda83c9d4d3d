// SPDX-License-Identifier: GPL-3.0-or-later
// FakeSanitize: the sanitize of a drive that lives in memory, with its ways to go wrong, and what
// fake ATA and SCSI drives share: sense data, a tape of commands, a command under way.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quietus/medium.h"
#include "quietus/method.h"
#include "quietus/seams.h"

namespace quietus::test {

/// Overwrites a medium as a drive does by itself, but for some extents.
void erase_medium(Medium& medium, Method method, const std::vector<Extent>& kept);

struct FakeSanitize {
  enum class State { idle, running, succeeded, failed };
  enum class Reset {
    none,
    forgets,  ///< in the middle the drive is reset, and the sanitize is forgotten
    resumes,  ///< in the middle the drive is reset, and the sanitize goes on
  };

  // How it goes.
  std::uint64_t duration_us = 2'000'000;
  unsigned failures_left = 0;             ///< so many sanitizes end in failure
  std::optional<std::uint16_t> stuck_at;  ///< progress stays there and it never ends
  bool swallows = false;                  ///< the command is accepted, and nothing happens
  bool lies = false;                      ///< says at once that it is done; nothing ran
  std::vector<Extent> residue;            ///< bytes that no erase reaches
  Reset reset = Reset::none;

  // Where it is. Tests may set it.
  State state = State::idle;
  Method method = Method::sanitize_block;
  bool unrestricted = false;  ///< the failed state may be left
  std::uint64_t began_us = 0;
  unsigned starts = 0;
  bool was_reset = false;  ///< for the drive to tell
  unsigned resets = 0;

  void start(std::uint64_t now_us, Method what, bool may_leave);
  /// Lets what is due happen to the medium.
  void pass(std::uint64_t now_us, Medium& medium);
  [[nodiscard]] std::uint16_t progress(std::uint64_t now_us) const;
  [[nodiscard]] bool leave_failure();
};

/// Sense data in one of the two formats.
struct FakeSense {
  std::uint8_t key = 0;
  std::uint8_t asc = 0;
  std::uint8_t ascq = 0;
  std::optional<std::uint16_t> progress = {};
  Bytes descriptor = {};        ///< more of them, for the descriptor format
  Bytes information = {};       ///< bytes 3 to 6 of the fixed format
  Bytes command_specific = {};  ///< bytes 8 to 11

  [[nodiscard]] Bytes bytes(bool descriptors) const;
};

[[nodiscard]] ScsiReply good_reply(Bytes data = {});
[[nodiscard]] ScsiReply checked_reply(const FakeSense& sense, bool descriptors);
[[nodiscard]] std::uint64_t field_of(const Bytes& bytes, std::size_t at, std::size_t count);
void put_field(Bytes& bytes, std::size_t at, std::size_t count, std::uint64_t value);
/// Padded with blanks.
void put_text(Bytes& bytes, std::size_t at, std::size_t count, const std::string& text);

/// Comes back when its function has an answer.
class FakePending final : public PendingCommand {
 public:
  explicit FakePending(std::function<std::optional<Result<DeviceReply>>()> ask)
      : ask_(std::move(ask)) {}
  [[nodiscard]] std::optional<Result<DeviceReply>> poll() override {
    if (!answer_) answer_ = ask_();
    return answer_;
  }

 private:
  std::function<std::optional<Result<DeviceReply>>()> ask_;
  std::optional<Result<DeviceReply>> answer_;
};

}  // namespace quietus::test
