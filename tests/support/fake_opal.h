// SPDX-License-Identifier: GPL-3.0-or-later
// FakeOpal: the TCG Opal side of a fake drive of any command set.
#pragma once

#include <cstdint>
#include <string>

#include "quietus/device_command.h"

namespace quietus::test {

struct FakeOpal {
  bool supported = false;
  bool locking_enabled = false;
  bool locked = false;
  std::string psid = "PSIDOFTHEFAKEDRIVE00000000000000";
  bool swallows = false;        ///< says that it reverted, and does not
  std::int64_t answers = 0;     ///< not 0: to every revert
  std::uint64_t revert_us = 0;  ///< how long one takes
  unsigned tries_left = 5;      ///< then the authority is locked out
  unsigned reverted = 0;        ///< how often it said so

  [[nodiscard]] OpalReply status() const {
    OpalReply reply;
    if (supported) reply.flags |= opal_supported | opal_locking_supported;
    if (locking_enabled) reply.flags |= opal_locking_enabled;
    if (locked) reply.flags |= opal_locked;
    return reply;
  }

  /// The answer to a revert. `erase` is to be true where the drive erases itself.
  [[nodiscard]] OpalReply revert(const std::string& given, bool& erase) {
    constexpr std::int64_t kNotAuthorized = 0x01;  // TCG Core 5.1.5
    constexpr std::int64_t kLockedOut = 0x12;
    erase = false;
    if (answers != 0) return {answers, 0};
    if (tries_left == 0) return {kLockedOut, 0};
    if (given != psid) {
      --tries_left;
      return {kNotAuthorized, 0};
    }
    ++reverted;
    erase = !swallows;
    if (erase) locking_enabled = locked = false;
    return {0, 0};
  }
};

}  // namespace quietus::test
