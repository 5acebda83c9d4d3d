// SPDX-License-Identifier: GPL-3.0-or-later
// Binding to identity: what is expected and what is named must be the same drives, a mark of two
// drives binds neither, and a person is asked for what only that drive has.
#include <doctest/doctest.h>

#include "app_world.h"
#include "drive_world.h"
#include "plan/drive_binding.h"

namespace quietus::test {
namespace {

using Objects = std::set<std::string>;

/// sdb and sdc with serial and WWN, sdb1 on sdb, loop0 and loop1 with nothing but a size, sdw with
/// a WWN alone. Bound by a script.
struct BindingWorld : DriveWorld {
  BindingWorld() {
    add(disk("sdb"));
    add(disk("sdc"), 4096);
    add_partition("sdb1", "sdb", {0, 1024});
    platform.add_file("/image", "content");
    add_loop("loop0", "");
    add_loop("loop1", "");
    add(disk("sdw"), 2048).serial.clear();
    request.binding.asked_in_person = false;
  }
};

struct Row {
  std::vector<std::string> paths;
  std::vector<std::string> serials;
  std::vector<std::string> wwns;
  std::vector<std::uint64_t> sizes;
  std::string code;  ///< empty: bound
  Objects objects = {};
};

const std::vector<Row> kRows{
    {{"/dev/sdb"}, {"SERIAL-sdb"}, {}, {}, ""},
    {{"/dev/sdb"}, {" SERIAL-sdb\n"}, {}, {}, ""},
    {{"/dev/sdb"}, {"SERIAL-sdb", "SERIAL-sdb"}, {}, {}, ""},
    {{"/dev/sdb"}, {}, {"naa.5000sdb"}, {}, ""},
    {{"/dev/sdb"}, {}, {"0x5000SDB"}, {}, ""},
    {{"/dev/sdb"}, {}, {"NAA.5000sdb"}, {}, ""},
    {{"/dev/sdb"}, {}, {"5000sdb"}, {}, ""},
    {{"/dev/sdb"}, {"SERIAL-sdb"}, {"5000sdb"}, {}, ""},
    {{"/dev/sdb1"}, {"SERIAL-sdb"}, {}, {}, ""},
    {{"/dev/sdw"}, {}, {"naa.5000sdw"}, {}, ""},
    {{"/dev/loop0"}, {}, {}, {8192}, ""},
    {{"/dev/loop0", "/dev/loop1"}, {}, {}, {8192}, ""},
    {{"/dev/loop0", "/dev/loop1"}, {}, {}, {8192, 8192}, ""},
    {{"/dev/sdb", "/dev/sdc"}, {"SERIAL-sdc", "SERIAL-sdb"}, {}, {}, ""},
    {{"/dev/sdb", "/dev/sdc"}, {"SERIAL-sdc"}, {"5000sdb"}, {}, ""},
    {{"/dev/sdb", "/dev/loop0"}, {"SERIAL-sdb"}, {}, {8192}, ""},
    {{"/image"}, {}, {}, {}, ""},
    {{"/image", "/dev/sdb"}, {"SERIAL-sdb"}, {}, {}, ""},

    {{"/dev/sdb"}, {}, {}, {}, "identity_unbound", {"/dev/sdb"}},
    {{"/dev/sdb", "/dev/loop0"}, {}, {}, {}, "identity_unbound", {"/dev/sdb", "/dev/loop0"}},
    {{"/image", "/dev/sdb"}, {}, {}, {}, "identity_unbound", {"/dev/sdb"}},
    {{"/dev/sdb", "/dev/sdc"}, {"SERIAL-sdb"}, {}, {}, "identity_unexpected", {"/dev/sdc"}},
    {{"/dev/sdb", "/dev/sdc"}, {}, {"5000sdb"}, {}, "identity_unexpected", {"/dev/sdc"}},
    {{"/dev/sdb", "/dev/loop0"}, {"SERIAL-sdb"}, {}, {}, "identity_unexpected", {"/dev/loop0"}},
    {{"/dev/sdb", "/dev/sdc"},
     {"SERIAL-sdb"},
     {"5000sdb"},
     {},
     "identity_unexpected",
     {"/dev/sdc"}},
    {{"/dev/loop0"}, {}, {}, {8193}, "identity_unexpected", {"/dev/loop0"}},
    {{"/dev/sdb"}, {"SERIAL-sd"}, {}, {}, "identity_unexpected", {"/dev/sdb"}},
    {{"/dev/sdb"}, {"serial-sdb"}, {}, {}, "identity_unexpected", {"/dev/sdb"}},
    {{"/dev/sdb"},
     {"SERIAL-sdb", "SERIAL-sdc"},
     {},
     {},
     "identity_not_found",
     {"serial SERIAL-sdc"}},
    {{"/dev/sdb"}, {"SERIAL-sdb"}, {"5000sdc"}, {}, "identity_not_found", {"WWN 5000sdc"}},
    {{"/dev/sdb"}, {"SERIAL-sdb"}, {}, {4096}, "identity_not_found", {"size 4096"}},
    {{"/image"}, {"SERIAL-sdb"}, {}, {}, "identity_not_found", {"serial SERIAL-sdb"}},
    {{"/image"}, {}, {}, {7}, "identity_not_found", {"size 7"}},
    {{"/dev/loop0"}, {" "}, {}, {8192}, "identity_not_found", {"serial "}},
    {{"/dev/loop0"}, {}, {"0x"}, {8192}, "identity_not_found", {"WWN "}},
    {{"/dev/sdb"}, {}, {}, {8192}, "identity_size_not_enough", {"/dev/sdb"}},
    {{"/dev/sdw"}, {}, {}, {2048}, "identity_size_not_enough", {"/dev/sdw"}},
    {{"/dev/sdb"}, {"SERIAL-sdb"}, {}, {8192}, "identity_size_not_enough", {"/dev/sdb"}},
    {{"/dev/sdb", "/dev/loop0"}, {}, {}, {8192}, "identity_size_not_enough", {"/dev/sdb"}},
};

std::string name_of(const Row& row) {
  std::string text;
  for (const std::string& path : row.paths) text += path + " ";
  for (const std::string& one : row.serials) text += "serial " + one + " ";
  for (const std::string& one : row.wwns) text += "WWN " + one + " ";
  for (const std::uint64_t one : row.sizes) text += "size " + std::to_string(one) + " ";
  return text;
}

TEST_CASE("defect 37: what a script expects and what it names must be the same drives") {
  for (const Row& row : kRows) {
    CAPTURE(name_of(row));
    BindingWorld world;
    world.request.binding.serials = row.serials;
    world.request.binding.wwns = row.wwns;
    world.request.binding.sizes = row.sizes;
    const Plan plan = world.make(row.paths);
    CHECK(plan.refused() == !row.code.empty());
    if (row.code.empty()) {
      CHECK(plan.targets.size() == row.paths.size());
      continue;
    }
    CHECK(refused_objects(plan, row.code) == row.objects);
    for (const Target& target : plan.targets)
      CHECK_FALSE(row.objects.contains(target.roots[0].path));
    CHECK(world.platform.count("open_device") == 0);
  }
}

TEST_CASE("a person who is asked needs no options; options that are given count all the same") {
  BindingWorld world;
  world.request.binding.asked_in_person = true;
  CHECK(world.make({"/dev/sdb", "/dev/loop0"}).findings.empty());
  world.request.binding.serials = {"SERIAL-sdc"};
  const Plan plan = world.make({"/dev/sdb"});
  CHECK(codes_of(plan.findings) == Codes{"identity_unexpected", "identity_not_found"});
}

TEST_CASE("the remedy spells the very option out, quoted for a shell") {
  DeviceFacts facts = disk("sdb");
  CHECK(option_for(facts) == "--expect-serial SERIAL-sdb");
  facts.serial = " WD 12'3 ";
  CHECK(option_for(facts) == "--expect-serial 'WD 12'\\''3'");
  facts.serial = " ";
  CHECK(option_for(facts) == "--expect-wwn naa.5000sdb");
  facts.wwn.clear();
  facts.size_bytes = 67'108'864;
  CHECK(option_for(facts) == "--expect-size 67108864");
  BindingWorld world;
  CHECK(world.make({"/dev/sdb"}).findings.at(0).hint == "add --expect-serial SERIAL-sdb");
}

struct Twin {
  std::string serial;
  std::string wwn;
  std::string name = "sdx";
};

/// Codes for sdb where another drive of that serial and WWN is attached.
Codes with_twin(const Twin& twin, bool by_wwn, const std::function<void(DriveWorld&)>& change) {
  BindingWorld world;
  DeviceFacts other = disk(twin.name);
  other.serial = twin.serial;
  other.wwn = twin.wwn;
  world.add(other);
  (by_wwn ? world.request.binding.wwns : world.request.binding.serials) = {by_wwn ? "naa.5000sdb"
                                                                                  : "SERIAL-sdb"};
  change(world);
  return codes_of(world.make({"/dev/sdb"}).findings);
}

TEST_CASE("a mark that another attached drive shows, too, binds nothing") {
  const auto nothing = [](DriveWorld&) {};
  const Codes refused{"duplicate_serial"};
  CHECK(with_twin({"SERIAL-sdb", "naa.other"}, false, nothing) == refused);
  CHECK(with_twin({"SERIAL-sdb ", ""}, false, nothing) == refused);
  CHECK(with_twin({"SERIAL-sdb", "naa.other"}, true, nothing) == Codes{});
  CHECK(with_twin({"SERIAL-sdb", "naa.5000sdb"}, false, nothing) == refused);  // multipath
  CHECK(with_twin({"SERIAL-sdb", "naa.5000sdb"}, true, nothing) == refused);
  CHECK(with_twin({"other", "naa.5000sdb"}, true, nothing) == refused);
  CHECK(with_twin({"other", "naa.5000sdb"}, false, nothing) == Codes{});
  const auto by_person = [](DriveWorld& w) {
    w.request.binding = {};
    w.request.binding.asked_in_person = true;
  };
  CHECK(with_twin({"SERIAL-sdb", "naa.other"}, false, by_person) == refused);
}

TEST_CASE("an empty slot and the boot area of the same eMMC are no other drive") {
  const auto empty = [](DriveWorld& w) {
    w.platform.node("/dev/sdx")->content.clear();
    w.facts("sdx").size_bytes = 0;
  };
  CHECK(with_twin({"SERIAL-sdb", ""}, false, empty) == Codes{});
  const auto emmc = [](DriveWorld& w) { w.facts("sdbboot0").bus = w.facts("sdb").bus = "mmc"; };
  CHECK(with_twin({"SERIAL-sdb", "", "sdbboot0"}, false, emmc) == Codes{});
}

TEST_CASE("the remedy for two drives of one serial is the WWN where it tells them apart") {
  BindingWorld world;
  DeviceFacts other = disk("sdx");
  other.serial = "SERIAL-sdb";
  world.add(other);
  world.request.binding.serials = {"SERIAL-sdb"};
  const Plan plan = world.make({"/dev/sdb"});
  REQUIRE(plan.findings.size() == 1);
  CHECK(plan.findings[0].text.find("/dev/sdx") != std::string::npos);
  CHECK(plan.findings[0].hint == "--expect-wwn naa.5000sdb tells them apart");
  world.facts("sdx").wwn = "naa.5000sdb";
  CHECK(world.make({"/dev/sdb"}).findings.at(0).hint == "detach the other one");
}

TEST_CASE("two targets of one serial are both refused, however they are named") {
  for (const bool by_wwn : {true, false}) {
    BindingWorld world;
    DeviceFacts other = disk("sdx");
    other.serial = "SERIAL-sdb";
    world.add(other);
    if (by_wwn) world.request.binding.wwns = {"5000sdb", "5000sdx"};
    if (!by_wwn) world.request.binding.serials = {"SERIAL-sdb"};
    const Plan plan = world.make({"/dev/sdb", "/dev/sdx"});
    CHECK(refused_objects(plan, "duplicate_serial") == Objects{"/dev/sdb", "/dev/sdx"});
    CHECK(plan.targets.empty());
  }
}

TEST_CASE("two partitions of one disk are bound by its one serial") {
  BindingWorld world;
  world.add_partition("sdb2", "sdb", {2048, 1024});
  world.request.binding.serials = {"SERIAL-sdb"};
  const Plan plan = world.make({"/dev/sdb1", "/dev/sdb2"});
  CHECK(plan.findings.empty());
  CHECK(plan.targets.size() == 2);
}

/// The program on a machine with two drives, and an image beside them.
struct DriveAppWorld : AppWorld {
  DriveAppWorld() {
    memory.add_device(disk("sdb"), kContent);
    DeviceFacts small = plain_disk("loop0");
    memory.add_device(small, kContent);
    DeviceFacts brief = disk("sdc");
    brief.serial = "A7";
    memory.add_device(brief, kContent);
    DeviceFacts strange = disk("sdd");
    strange.serial = "\x1b[2J";
    memory.add_device(strange, kContent);
    memory.add_file("/image", kContent);
  }
  [[nodiscard]] bool said(const std::string& text) const {
    return err.find(text) != std::string::npos;
  }
  [[nodiscard]] bool is_untouched() const {
    return memory.content("/dev/sdb") == kContent && memory.content("/dev/loop0") == kContent &&
           memory.content("/image") == kContent && memory.count("open_device_write") == 0;
  }

  const std::string kContent = std::string(8192, 'x');
};

struct Answer {
  std::vector<std::string> paths;
  std::string typed;
  bool agreed = false;
};

const std::vector<Answer> kAnswers{
    {{"/dev/sdb"}, "-sdb\n", true},
    {{"/dev/sdb"}, "-sdb", true},
    {{"/dev/sdb"}, "-SDB\n"},
    {{"/dev/sdb"}, "SERIAL-sdb\n"},
    {{"/dev/sdb"}, "destroy\n"},
    {{"/dev/sdb"}, "sdb\n"},
    {{"/dev/sdb"}, "yes\n"},
    {{"/dev/sdb"}, "\n"},
    {{"/dev/sdb"}, ""},
    {{"/dev/sdc"}, "A7\n", true},
    {{"/dev/sdc"}, "\n"},
    {{"/dev/sdd"}, "0sdd\n", true},
    {{"/dev/loop0"}, "8192\n", true},
    {{"/dev/loop0"}, "\n"},
    {{"/dev/sdb", "/dev/loop0"}, "-sdb\n8192\n", true},
    {{"/dev/sdb", "/dev/loop0"}, "-sdb\n"},
    {{"/dev/sdb", "/image"}, "-sdb\ndestroy\n", true},
    {{"/dev/sdb", "/image"}, "-sdb\nno\n"},
    {{"/dev/sdb", "/image"}, "destroy\ndestroy\n"},
};

TEST_CASE("a person is asked of each drive for what only that drive has") {
  for (const Answer& answer : kAnswers) {
    CAPTURE(answer.paths.back());
    CAPTURE(answer.typed);
    DriveAppWorld world;
    world.in_is_terminal = true;
    world.answer = answer.typed;
    std::vector<std::string> arguments{"drives"};
    arguments.insert(arguments.end(), answer.paths.begin(), answer.paths.end());
    const int exit_code = world.run(arguments);
    CHECK(world.said("[not_confirmed]") == !answer.agreed);
    if (answer.agreed) continue;
    CHECK(exit_code == 3);
    CHECK(world.is_untouched());
  }
}

TEST_CASE("the question names path, model, serial and size, harmless and below the plan") {
  DriveAppWorld world;
  world.in_is_terminal = true;
  CHECK(world.run({"drives", "/dev/sdb"}) == 3);
  CHECK(world.said("/dev/sdb: Model of sdb, serial SERIAL-sdb, WWN naa.5000sdb, 8192 bytes"));
  CHECK(world.said("the last 4 characters of its serial: "));
  CHECK(world.err.find("Plan\n") < world.err.find("To destroy it"));
  CHECK(world.run({"drives", "/dev/sdd"}) == 3);
  CHECK(world.err.find('\x1b') == std::string::npos);
}

TEST_CASE("--yes alone is never enough for a drive, on a terminal or without") {
  for (const bool terminal : {true, false}) {
    DriveAppWorld world;
    world.in_is_terminal = terminal;
    world.answer = "-sdb\n";
    CHECK(world.run({"drives", "--yes", "/dev/sdb"}) == 3);
    CHECK(world.said("[identity_unbound]"));
    CHECK(world.said("hint: add --expect-serial SERIAL-sdb"));
    CHECK(world.run({"drives", "--yes", "--expect-serial", "SERIAL-sdc", "/dev/sdb"}) == 3);
    CHECK(world.said("[identity_unexpected]"));
    CHECK(world.is_untouched());
  }
  DriveAppWorld world;
  CHECK(world.run({"drives", "/dev/sdb"}) == 2);
  CHECK(world.is_untouched());
}

TEST_CASE("a dry run needs no binding and asks nothing, but checks what is given") {
  DriveAppWorld world;
  CHECK(world.run({"drives", "--dry-run", "/dev/sdb"}) == 0);
  CHECK_FALSE(world.said("To destroy it"));
  CHECK(world.run({"drives", "--dry-run", "--expect-serial", "other", "/dev/sdb"}) == 3);
  CHECK(world.is_untouched());
}

TEST_CASE("no spelling of the command line means all drives") {
  for (const std::vector<std::string>& paths :
       {std::vector<std::string>{}, {""}, {"*"}, {"/dev/*"}, {"all"}, {"/dev"}, {"/dev/"}, {"/"}}) {
    DriveAppWorld world;
    std::vector<std::string> arguments{"drives", "--yes", "--expect-serial", "SERIAL-sdb",
                                       "--skip-refused"};
    arguments.insert(arguments.end(), paths.begin(), paths.end());
    const int exit_code = world.run(arguments);
    CHECK(exit_code == (paths.empty() || paths[0].empty() ? 2 : 3));
    CHECK(world.is_untouched());
  }
}

TEST_CASE("the rules of drives reach the plan; a sample of files is a wrong command line") {
  DriveAppWorld world;
  CHECK(world.run({"drives", "--dry-run", "--json", "--verify", "sample=12.5", "--allow-member",
                   "--stall-timeout", "30", "--minimum-rate", "2M", "/dev/sdb"}) == 0);
  for (const char* part : {"\"sample_ppm\":125000", "\"allow_member\":true",
                           "\"stall_timeout_s\":30", "\"minimum_bytes_per_second\":2097152"}) {
    CAPTURE(part);
    CHECK(world.out.find(part) != std::string::npos);
  }
  CHECK(world.run({"files", "--yes", "--verify", "sample=10", "/image"}) == 2);
  CHECK(world.said("quietus drives"));
  CHECK(world.is_untouched());
}

}  // namespace
}  // namespace quietus::test
