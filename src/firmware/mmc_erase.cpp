// SPDX-License-Identifier: GPL-3.0-or-later
// Commands as in Linux include/linux/mmc/mmc.h and mmc-utils.
#include "firmware/mmc_erase.h"

#include <algorithm>
#include <utility>

namespace quietus::mmc {
namespace {

constexpr std::uint32_t kSwitch = 6;
constexpr std::uint32_t kSendStatus = 13;
constexpr std::uint32_t kEraseGroupStart = 35;
constexpr std::uint32_t kEraseGroupEnd = 36;
constexpr std::uint32_t kErase = 38;

constexpr std::uint32_t kPlainErase = 0x00000000;
constexpr std::uint32_t kSecureErase = 0x80000000;
// Access "write byte" 25:24, index 23:16, value 15:8, command set 2:0.
constexpr std::uint32_t kStartSanitize = 3U << 24U | 165U << 16U | 1U << 8U | 1U;
// Linux gives every eMMC, which is alone on its host, the relative address 1.
constexpr std::uint32_t kOwnAddress = 1U << 16U;

/// Cards of up to so many sectors (2 GiB) are addressed by byte, larger ones by sector.
constexpr std::uint32_t kMostByByte = 0x400000;
constexpr std::uint32_t kSectorBytes = 512;

// Out of range, address, block length, erase sequence, erase parameter, write protection, lock,
// checksum, illegal command, ECC, controller, general, CSD, blocks left out as protected, erase
// reset, switch.
constexpr std::uint32_t kErrors = 0xFDF9A080;

MmcCommand plain(std::uint32_t opcode, std::uint32_t argument, MmcResponse response) {
  MmcCommand command;
  command.opcode = opcode;
  command.argument = argument;
  command.response = static_cast<std::uint32_t>(response);
  return command;
}

class EraseOperation final : public Operation {
 public:
  EraseOperation(Medium& card, EraseKind kind) : card_(card), kind_(kind) {}

  [[nodiscard]] std::string command() const override { return name_of(kind_); }
  [[nodiscard]] Status start() override;
  [[nodiscard]] OperationStatus look() override;

 private:
  Medium& card_;
  EraseKind kind_;
  std::unique_ptr<PendingCommand> pending_;
};

Status EraseOperation::start() {
  const Result<Bytes> bytes = read_ext_csd(card_);
  if (!bytes) return nothing_sent(bytes.error());
  const Result<ExtCsd> known = ext_csd_from(*bytes);
  if (!known) return nothing_sent(known.error());
  if (const Status area = check_user_area(card_, *known); !area) return nothing_sent(area.error());
  const bool offered = kind_ == EraseKind::secure ? known->secure_erase : known->sanitize;
  if (!offered) return no_such_command(name_of(kind_));
  auto begun = card_.begin({erase_command(*known, kind_), 0});
  if (!begun) return begun.error();
  pending_ = std::move(*begun);
  return {};
}

Bytes raw_responses(const MmcReply& reply) {
  Bytes bytes;
  const auto add = [&](std::uint32_t word) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
      bytes.push_back(static_cast<std::byte>(word >> shift & 0xFFU));
    }
  };
  for (const std::uint32_t word : reply.earlier) add(word);
  add(reply.response);
  return bytes;
}

OperationStatus EraseOperation::look() {
  OperationStatus status;
  if (pending_ == nullptr) {
    status.text = "the card keeps no record of an erase";
    return status;
  }
  const std::optional<Result<DeviceReply>> over = pending_->poll();
  if (!over) {
    status.state = OperationState::running;
    status.text = "the card is busy with the erase";
    return status;
  }
  const Result<MmcReply> reply = mmc_reply(*over);
  if (!reply) {
    status.text = "what became of the erase is not known: " + reply.error().what;
    return status;
  }
  status.raw.push_back({"mmc_responses", {}, raw_responses(*reply)});
  status.state = has_error(*reply) ? OperationState::failed : OperationState::succeeded;
  status.text = has_error(*reply) ? "the card's status tells an error"
                                  : "the card says that the erase succeeded";
  return status;
}

}  // namespace

Result<MmcReply> mmc_reply(const Result<DeviceReply>& reply) {
  if (!reply) return reply.error();
  const auto* mmc = std::get_if<MmcReply>(&*reply);
  if (mmc == nullptr) return Error{Errc::malformed, 0, "the answer is not one of a card"};
  return *mmc;
}

bool has_error(const MmcReply& reply) {
  const auto is_error = [](std::uint32_t word) { return (word & kErrors) != 0; };
  return is_error(reply.response) ||
         std::any_of(reply.earlier.begin(), reply.earlier.end(), is_error);
}

std::string name_of(EraseKind kind) {
  return kind == EraseKind::secure
             ? "ERASE (CMD38) of the user area, argument 80000000h: secure erase (JESD84-B51)"
             : "ERASE (CMD38) of the user area, then SANITIZE_START (JESD84-B51, EXT_CSD 165)";
}

MmcCommand erase_command(const ExtCsd& card, EraseKind kind) {
  const std::uint32_t last_sector = card.sectors - 1;
  const std::uint32_t last = card.sectors > kMostByByte ? last_sector : last_sector * kSectorBytes;
  const bool secure = kind == EraseKind::secure;
  // An address within a group stands for all of the group: no card has a rest that is left out.
  MmcCommand row = plain(kEraseGroupStart, 0, MmcResponse::r1);
  row.next.push_back(plain(kEraseGroupEnd, last, MmcResponse::r1));
  row.next.push_back(plain(kErase, secure ? kSecureErase : kPlainErase, MmcResponse::r1b));
  if (!secure) row.next.push_back(plain(kSwitch, kStartSanitize, MmcResponse::r1b));
  row.next.push_back(plain(kSendStatus, kOwnAddress, MmcResponse::r1));
  for (MmcCommand& command : row.next)
    command.is_write = command.opcode == kErase || command.opcode == kSwitch;
  return row;
}

Status check_user_area(Medium& card, const ExtCsd& known) {
  const Result<Geometry> geometry = card.geometry();
  if (!geometry) return geometry.error();
  if (geometry->size_bytes == known.size_bytes()) return {};
  return Error{Errc::changed, 0, "the device is not the card's user area, by its size"};
}

std::unique_ptr<Operation> erase_operation(Medium& card, const ActionRequest& request) {
  if (request.method == Method::secure_erase) {
    return std::make_unique<EraseOperation>(card, EraseKind::secure);
  }
  if (request.method == Method::sanitize_block) {
    return std::make_unique<EraseOperation>(card, EraseKind::sanitize);
  }
  return nullptr;
}

}  // namespace quietus::mmc
