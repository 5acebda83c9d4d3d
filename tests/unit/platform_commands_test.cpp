// SPDX-License-Identifier: GPL-3.0-or-later
// Commands to drives as the kernel gets them, bit for bit, and what its answers mean.
#include <array>
#include <linux/mmc/ioctl.h>
#include <linux/nvme_ioctl.h>
#include <linux/sed-opal.h>
#include <scsi/sg.h>
#include <sys/ioctl.h>

#include "linux/kernel_request.h"
#include "platform_world.h"
#include "support/loop_device.h"

namespace quietus::test {
namespace {

Bytes bytes(const std::string& hex) { return take(from_hex(hex)); }

std::unique_ptr<KernelRequest> request_for(DeviceCommand command) {
  return take(kernel_request(command));
}

template <class Reply>
Reply reply_to(const KernelRequest& request, RequestEnd end = {0, 0}) {
  const DeviceReply reply = take(request.reply(end, "/dev/x"));
  return std::get<Reply>(reply);
}

struct ScsiFrame {
  sg_io_hdr_t header;
  std::array<unsigned char, 16> cdb;
  std::array<unsigned char, 96> sense;
};

std::string hex_at(const void* start, std::size_t length) {
  return to_hex(std::span(static_cast<const std::byte*>(start), length));
}

TEST_CASE("command: SCSI without data") {
  // SANITIZE, block erase, immediate (SBC-4 5.30).
  const Bytes cdb = bytes("48820000000000000000");
  const auto request = request_for({ScsiCommand{cdb, {}}, 20'000});
  CHECK(request->request() == SG_IO);
  const auto& frame = request->memory().as<ScsiFrame>();
  CHECK(frame.header.interface_id == 'S');
  CHECK(frame.header.dxfer_direction == SG_DXFER_NONE);
  CHECK(frame.header.dxfer_len == 0);
  CHECK(frame.header.dxferp == nullptr);
  CHECK(frame.header.cmd_len == 10);
  CHECK(hex_at(frame.header.cmdp, 10) == "48820000000000000000");
  CHECK(frame.header.mx_sb_len == 96);
  CHECK(frame.header.sbp == frame.sense.data());
  CHECK(frame.header.timeout == 20'000);
  CHECK(reply_to<ScsiReply>(*request).status == 0);
}

TEST_CASE("command: SCSI data to the device and from it") {
  const auto out = request_for(
      {ScsiCommand{bytes("480100000000000000080000"), {bytes("01000004aabbccdd"), 0}}, 0});
  const auto& sent = out->memory().as<ScsiFrame>();
  CHECK(sent.header.dxfer_direction == SG_DXFER_TO_DEV);
  CHECK(sent.header.dxfer_len == 8);
  CHECK(hex_at(sent.header.dxferp, 8) == "01000004aabbccdd");
  // scsi/sg.h: the largest number is no timeout; 0 would be the kernel's usual one.
  CHECK(sent.header.timeout == 0xffff'ffffU);

  const auto in = request_for({ScsiCommand{bytes("120000004000"), {{}, 64}}, 1'000});
  auto& frame = in->memory().as<ScsiFrame>();
  CHECK(frame.header.dxfer_direction == SG_DXFER_FROM_DEV);
  CHECK(frame.header.dxfer_len == 64);
  in->memory().data()[0] = std::byte{7};
  frame.header.resid = 60;
  CHECK(to_hex(reply_to<ScsiReply>(*in).data) == "07000000");
  frame.header.resid = 65;
  CHECK(reply_to<ScsiReply>(*in).data.empty());
  frame.header.resid = -1;
  CHECK(reply_to<ScsiReply>(*in).data.size() == 64);
}

TEST_CASE("command: a SCSI device that refuses has answered") {
  const auto request = request_for({ScsiCommand{bytes("000000000000"), {}}, 1'000});
  auto& frame = request->memory().as<ScsiFrame>();
  frame.header.status = 0x02;
  frame.header.driver_status = 0x08;
  frame.header.sb_len_wr = 3;
  frame.sense = {0x72, 0x02, 0x04};
  const auto reply = reply_to<ScsiReply>(*request);
  CHECK(reply.status == 0x02);
  CHECK(reply.driver_status == 0x08);
  CHECK(to_hex(reply.sense) == "720204");
}

TEST_CASE("command: a SCSI command without an answer is of unknown fate") {
  const auto request = request_for({ScsiCommand{bytes("000000000000"), {}}, 1'000});
  auto& header = request->memory().as<ScsiFrame>().header;
  // DID_NO_CONNECT, DID_TIME_OUT, DID_ERROR, DID_RESET and one that nobody knows.
  for (const std::uint16_t host : std::array<std::uint16_t, 5>{0x01, 0x03, 0x07, 0x08, 0x42}) {
    CAPTURE(host);
    header.host_status = host;
    CHECK(code_of(request->reply({0, 0}, "/dev/x")) == Errc::io);
  }
  header.host_status = 0;
  header.driver_status = 0x06;  // DRIVER_TIMEOUT of older kernels
  CHECK(code_of(request->reply({0, 0}, "/dev/x")) == Errc::io);
  header.driver_status = 0;
  CHECK(request->reply({0, 0}, "/dev/x").ok());
}

TEST_CASE("command: what the kernel refuses") {
  const auto request = request_for({ScsiCommand{bytes("000000000000"), {}}, 1'000});
  struct Row {
    int code;
    Errc kind;
  };
  // 524: ENOTSUPP, which sed-opal lets out of the kernel.
  for (const Row row :
       {Row{ENOTTY, Errc::unsupported}, Row{EINVAL, Errc::unsupported},
        Row{EOPNOTSUPP, Errc::unsupported}, Row{524, Errc::unsupported},
        Row{EPERM, Errc::permission}, Row{EACCES, Errc::permission}, Row{EINTR, Errc::io},
        Row{EIO, Errc::io}, Row{ENXIO, Errc::io}, Row{ENODEV, Errc::io}, Row{EBUSY, Errc::io},
        Row{EAGAIN, Errc::io}, Row{ETIMEDOUT, Errc::io}}) {
    CAPTURE(row.code);
    CHECK(code_of(request->reply({-1, row.code}, "/dev/x")) == row.kind);
  }
}

TEST_CASE("command: NVMe") {
  NvmeCommand command;
  command.opcode = 0x84;  // Sanitize
  command.cdw10 = 2;
  command.cdw11 = 0x11223344;
  const auto request = request_for({command, 30'000});
  CHECK(request->request() == NVME_IOCTL_ADMIN_CMD);
  auto& frame = request->memory().as<nvme_passthru_cmd>();
  CHECK(frame.opcode == 0x84);
  CHECK(frame.nsid == 0);
  CHECK(frame.cdw10 == 2);
  CHECK(frame.cdw11 == 0x11223344);
  CHECK(frame.addr == 0);
  CHECK(frame.data_len == 0);
  CHECK(frame.timeout_ms == 30'000);
  frame.result = 5;
  CHECK(reply_to<NvmeReply>(*request).result == 5);
  // DNR, command specific, invalid format.
  CHECK(reply_to<NvmeReply>(*request, {0x410a, 0}).status == 0x410a);
  CHECK(code_of(request->reply({-1, EINTR}, "/dev/x")) == Errc::io);
  // The host's own words, with DNR and without.
  for (const int none : {0x370, 0x371, 0x4371}) {
    CHECK(code_of(request->reply({none, 0}, "/dev/x")) == Errc::io);
  }
}

TEST_CASE("command: NVMe with data, and by the other queue") {
  NvmeCommand identify;
  identify.opcode = 0x06;
  identify.namespace_id = 3;
  identify.cdw10 = 1;
  identify.cdw14 = 14;
  identify.cdw15 = 15;
  identify.data.in_bytes = 4096;
  const auto request = request_for({identify, 0});
  const auto& frame = request->memory().as<nvme_passthru_cmd>();
  CHECK(frame.nsid == 3);
  CHECK(frame.cdw14 == 14);
  CHECK(frame.cdw15 == 15);
  CHECK(frame.data_len == 4096);
  CHECK(frame.addr == reinterpret_cast<std::uintptr_t>(request->memory().data().data()));
  CHECK(frame.timeout_ms == 0xffff'ffffU);
  CHECK(reply_to<NvmeReply>(*request).data.size() == 4096);
  CHECK(reply_to<NvmeReply>(*request, {0x400b, 0}).data.empty());

  NvmeCommand write;
  write.queue = NvmeCommand::Queue::io;
  write.opcode = 0x01;
  write.data.out = bytes("aabb");
  CHECK(request_for({write, 1})->request() == NVME_IOCTL_IO_CMD);
  // The kernel would copy the wrong way.
  write.opcode = 0x02;
  CHECK(code_of(kernel_request({write, 1})) == Errc::invalid);
  identify.opcode = 0x01;
  CHECK(code_of(kernel_request({identify, 1})) == Errc::invalid);
}

struct MmcFrame {
  std::uint64_t count;
  std::array<mmc_ioc_cmd, 8> commands;
};

MmcCommand mmc(std::uint32_t opcode, std::uint32_t argument, MmcResponse response) {
  MmcCommand command;
  command.opcode = opcode;
  command.argument = argument;
  command.response = static_cast<std::uint32_t>(response);
  return command;
}

TEST_CASE("command: eMMC, the flags of mmc-utils") {
  // SWITCH: EXT_CSD[165] = 1 (JESD84-B51 6.6.12).
  MmcCommand sanitize = mmc(6, 0x03a50100, MmcResponse::r1b);
  sanitize.is_write = true;
  const auto request = request_for({sanitize, 0});
  CHECK(request->request() == MMC_IOC_MULTI_CMD);
  auto& frame = request->memory().as<MmcFrame>();
  CHECK(frame.count == 1);
  CHECK(frame.commands[0].opcode == 6);
  CHECK(frame.commands[0].arg == 0x03a50100);
  CHECK(frame.commands[0].write_flag == 1);
  CHECK(frame.commands[0].is_acmd == 0);
  // MMC_RSP_SPI_R1B | MMC_RSP_R1B | MMC_CMD_AC
  CHECK(frame.commands[0].flags == 0x49d);
  CHECK(frame.commands[0].blocks == 0);
  CHECK(frame.commands[0].cmd_timeout_ms == 0x7fff'ffffU);
  frame.commands[0].response[0] = 0x900;
  CHECK(reply_to<MmcReply>(*request).response == 0x900);

  MmcCommand csd = mmc(8, 0, MmcResponse::r1);
  csd.data.in_bytes = 512;
  const auto reading = request_for({csd, 500});
  const auto& read = reading->memory().as<MmcFrame>().commands[0];
  // MMC_RSP_SPI_R1 | MMC_RSP_R1 | MMC_CMD_ADTC
  CHECK(read.flags == 0xb5);
  CHECK(read.write_flag == 0);
  CHECK(read.blksz == 512);
  CHECK(read.blocks == 1);
  CHECK(read.cmd_timeout_ms == 500);
  CHECK(reply_to<MmcReply>(*reading).data.size() == 512);
}

TEST_CASE("command: a row of eMMC commands goes as one") {
  MmcCommand erase = mmc(35, 0, MmcResponse::r1);
  erase.next = {mmc(36, 1023, MmcResponse::r1), mmc(38, 0x8000'0000, MmcResponse::r1b)};
  const auto request = request_for({erase, 1'000});
  auto& frame = request->memory().as<MmcFrame>();
  CHECK(frame.count == 3);
  CHECK(frame.commands[1].opcode == 36);
  CHECK(frame.commands[1].arg == 1023);
  CHECK(frame.commands[2].opcode == 38);
  CHECK(frame.commands[2].arg == 0x8000'0000);
  for (std::uint32_t at = 0; at < 3; ++at) frame.commands.at(at).response[0] = 5 + at;
  CHECK(reply_to<MmcReply>(*request).response == 7);
  CHECK(reply_to<MmcReply>(*request).earlier == std::vector<std::uint32_t>{5, 6});

  erase.next.front().data.in_bytes = 512;
  CHECK(code_of(kernel_request({erase, 1})) == Errc::invalid);
  erase.next.assign(8, mmc(13, 0, MmcResponse::r1));
  CHECK(code_of(kernel_request({erase, 1})) == Errc::invalid);
  erase.next.clear();
  erase.data.in_bytes = 513;
  CHECK(code_of(kernel_request({erase, 1})) == Errc::invalid);
  erase.data.in_bytes = 0;
  erase.response = 3;
  CHECK(code_of(kernel_request({erase, 1})) == Errc::invalid);
}

TEST_CASE("command: Opal") {
  const auto status = request_for({OpalCommand{OpalCommand::What::status, {}}, 0});
  CHECK(status->request() == 0x8008'70ecU);  // _IOR('p', 236, 8 bytes)
  struct Flags {
    std::uint32_t flags;
  };
  status->memory().as<Flags>().flags = 0x9;
  CHECK(reply_to<OpalReply>(*status).flags == (opal_supported | opal_locked));

  const auto revert = request_for({OpalCommand{OpalCommand::What::psid_revert, "PSID0123"}, 0});
  CHECK(revert->request() == IOC_OPAL_PSID_REVERT_TPR);
  const auto& key = revert->memory().as<opal_key>();
  CHECK(key.key_len == 8);
  CHECK(hex_at(&key.key[0], 9) == "505349443031323300");
  CHECK(reply_to<OpalReply>(*revert).result == 0);
  CHECK(reply_to<OpalReply>(*revert, {1, 0}).result == 1);  // not authorized
  CHECK(code_of(revert->reply({-1, 524}, "/dev/x")) == Errc::unsupported);

  OpalCommand wrong{OpalCommand::What::psid_revert, ""};
  CHECK(code_of(kernel_request({wrong, 0})) == Errc::invalid);
  wrong.psid.assign(256, 'x');
  CHECK(code_of(kernel_request({wrong, 0})) == Errc::invalid);
}

TEST_CASE("command: what can be none") {
  CHECK(code_of(kernel_request({ScsiCommand{bytes("0000000000"), {}}, 1})) == Errc::invalid);
  CHECK(code_of(kernel_request({ScsiCommand{Bytes(17), {}}, 1})) == Errc::invalid);
  CHECK(code_of(kernel_request({ScsiCommand{Bytes(6), {Bytes(1), 1}}, 1})) == Errc::invalid);
  CHECK(code_of(kernel_request({ScsiCommand{Bytes(6), {{}, (16U << 20U) + 1}}, 1})) ==
        Errc::invalid);
}

std::vector<DeviceCommand> harmless() {
  NvmeCommand identify;
  identify.opcode = 0x06;
  identify.cdw10 = 1;
  identify.data.in_bytes = 4096;
  return {{ScsiCommand{bytes("120000002400"), {{}, 36}}, 1'000},
          {identify, 1'000},
          {mmc(13, 0, MmcResponse::r1), 1'000},
          {OpalCommand{}, 1'000}};
}

TEST_CASE("command: a loop device, a partition and a file have no firmware") {
  if (!has_loop_devices()) return;
  const LoopDevice loop("--partscan");
  const std::string part = loop.add_partition(1, 1U << 20, 1U << 20);
  LinuxPlatform platform;
  const DiskFolder folder;
  folder.put("file", "x");
  const auto file = take(open_folder(platform, folder)->open_at("file", Access::read_write));
  for (const std::string& node : {loop.node(), part}) {
    CAPTURE(node);
    const auto medium = take(platform.open_device(node, Access::read_write));
    for (const DeviceCommand& command : harmless()) {
      CAPTURE(command.what.index());
      CHECK(code_of(medium->execute(command)) == Errc::unsupported);
      CHECK(code_of(file->execute(command)) == Errc::unsupported);
      CHECK(code_of(file->begin(command)) == Errc::unsupported);
    }
    CHECK(code_of(medium->rescan()) == Errc::unsupported);
  }
  CHECK(code_of(file->rescan()) == Errc::unsupported);
  CHECK(code_of(file->encrypted_volume()) == Errc::unsupported);
  CHECK(code_of(file->destroy_key_slots()) == Errc::unsupported);
  const auto medium = take(platform.open_device(part, Access::read_write));
  CHECK(code_of(medium->begin(harmless().front())) == Errc::unsupported);
  // Through the whole device the kernel answers, and its answer comes by the child.
  const auto whole = take(platform.open_device(loop.node(), Access::read));
  const auto pending = take(whole->begin(harmless().front()));
  std::optional<Result<DeviceReply>> end;
  for (int round = 0; round < 500 && !end; ++round) {
    end = pending->poll();
    ::usleep(10'000);
  }
  REQUIRE(end.has_value());
  CHECK(code_of(*end) == Errc::unsupported);
}

}  // namespace
}  // namespace quietus::test
