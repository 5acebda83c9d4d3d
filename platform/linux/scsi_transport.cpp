// SPDX-License-Identifier: GPL-3.0-or-later
// sg_io_hdr of version 3 (scsi/sg.h) there and back.
#include "linux/scsi_transport.h"

#include <algorithm>
#include <array>
#include <limits>
#include <scsi/sg.h>

namespace quietus {
namespace {

constexpr std::size_t kLeastCdb = 6;
constexpr std::size_t kMostCdb = 16;
// As much as the kernel keeps (SCSI_SENSE_BUFFERSIZE, scsi/scsi_cmnd.h).
constexpr std::size_t kSenseBytes = 96;
constexpr unsigned kForever = std::numeric_limits<unsigned>::max();  // scsi/sg.h: no timeout

// Low four bits of the driver's status, as sg has always told them.
constexpr unsigned kDriverStatus = 0x0f;
constexpr unsigned kDriverSense = 0x08;  // there is sense: no failure by itself

struct Frame {
  sg_io_hdr_t header;
  std::array<unsigned char, kMostCdb> cdb;
  std::array<unsigned char, kSenseBytes> sense;
};

struct HostStatus {
  unsigned code;
  std::string_view text;
};

// scsi/scsi_status.h of the kernel.
constexpr std::array kHostStatuses = {
    HostStatus{0x01, "nothing answers at its address"},
    HostStatus{0x03, "it did not answer in time"},
    HostStatus{0x05, "the command was called off"},
    HostStatus{0x07, "the adapter failed"},
    HostStatus{0x08, "the connection was reset"},
};

std::string text_of(unsigned host_status) {
  for (const HostStatus& row : kHostStatuses) {
    if (row.code == host_status) return std::string(row.text);
  }
  return "the adapter reports status " + std::to_string(host_status);
}

class ScsiRequest final : public KernelRequest {
 public:
  using KernelRequest::KernelRequest;

  Result<DeviceReply> reply(const RequestEnd& end, std::string_view shown) const override {
    if (end.returned < 0) return request_refused(end.code, shown);
    const Frame& frame = memory().as<Frame>();
    const sg_io_hdr_t& header = frame.header;
    if (header.host_status != 0) return command_lost(shown, text_of(header.host_status));
    const unsigned driver = header.driver_status & kDriverStatus;
    if (driver != 0 && driver != kDriverSense) {
      return command_lost(shown, "the driver reports status " + std::to_string(driver));
    }
    ScsiReply reply;
    reply.status = header.status;
    reply.host_status = header.host_status;
    reply.driver_status = header.driver_status;
    const std::span all = std::as_bytes(std::span(frame.sense));
    const std::span sense = all.first(std::min<std::size_t>(header.sb_len_wr, all.size()));
    reply.sense.assign(sense.begin(), sense.end());
    if (header.dxfer_direction == SG_DXFER_FROM_DEV) reply.data = arrived(received(header));
    return DeviceReply(std::move(reply));
  }

 private:
  /// Bridges are known to tell a rest that can't be.
  static std::size_t received(const sg_io_hdr_t& header) {
    const auto rest = static_cast<unsigned>(std::max(header.resid, 0));
    return rest > header.dxfer_len ? 0 : header.dxfer_len - rest;
  }
};

void fill(const ScsiCommand& command, std::uint32_t timeout_ms, const RequestMemory& memory) {
  Frame& frame = memory.as<Frame>();
  std::transform(command.cdb.begin(), command.cdb.end(), frame.cdb.begin(),
                 [](std::byte byte) { return std::to_integer<unsigned char>(byte); });
  sg_io_hdr_t& header = frame.header;
  header.interface_id = 'S';
  header.cmdp = frame.cdb.data();
  header.cmd_len = static_cast<unsigned char>(command.cdb.size());
  header.sbp = frame.sense.data();
  header.mx_sb_len = static_cast<unsigned char>(frame.sense.size());
  header.dxferp = memory.data_or_null();
  header.dxfer_len = static_cast<unsigned>(memory.data().size());
  header.dxfer_direction = SG_DXFER_NONE;
  if (!command.data.out.empty()) header.dxfer_direction = SG_DXFER_TO_DEV;
  if (command.data.in_bytes > 0) header.dxfer_direction = SG_DXFER_FROM_DEV;
  header.timeout = timeout_ms == 0 ? kForever : timeout_ms;
}

// TEST UNIT READY is all zeros (SPC-5 6.51).
constexpr std::size_t kTestUnitReady = 6;
constexpr std::uint32_t kAnswersMs = 10'000;

/// Sense key, additional code and its qualifier, of either format (SPC-5 4.4.2, 4.4.3).
std::array<unsigned, 3> codes_of(const Bytes& sense) {
  const auto at = [&](std::size_t place) {
    return place < sense.size() ? std::to_integer<unsigned>(sense[place]) : 0;
  };
  const bool has_descriptors = (at(0) & 0x7eU) == 0x72;
  if (has_descriptors) return {at(1) & 0x0fU, at(2), at(3)};
  return {at(2) & 0x0fU, at(12), at(13)};
}

// SPC-5 table F.2: not ready, format or sanitize in progress.
constexpr std::array<unsigned, 3> kFormats = {0x02, 0x04, 0x04};
constexpr std::array<unsigned, 3> kSanitizes = {0x02, 0x04, 0x1b};

}  // namespace

bool is_erasing_itself(int descriptor) {
  const auto request = scsi_request({Bytes(kTestUnitReady), {}}, kAnswersMs);
  if (!request) return false;
  const Result<DeviceReply> reply = (*request)->reply((*request)->send(descriptor), "the drive");
  const auto* answer = reply ? std::get_if<ScsiReply>(&*reply) : nullptr;
  if (answer == nullptr) return false;
  const std::array<unsigned, 3> codes = codes_of(answer->sense);
  return codes == kFormats || codes == kSanitizes;
}

Result<std::unique_ptr<KernelRequest>> scsi_request(const ScsiCommand& command,
                                                    std::uint32_t timeout_ms) {
  if (command.cdb.size() < kLeastCdb || command.cdb.size() > kMostCdb) {
    return no_such_request("a CDB has 6 to 16 bytes");
  }
  Result<RequestMemory> memory = RequestMemory::make(command.data);
  if (!memory) return memory.error();
  fill(command, timeout_ms, *memory);
  return std::unique_ptr<KernelRequest>(std::make_unique<ScsiRequest>(SG_IO, *std::move(memory)));
}

}  // namespace quietus
