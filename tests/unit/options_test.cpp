// SPDX-License-Identifier: GPL-3.0-or-later
// The command line: what was typed is what is meant, and nothing is guessed.
#include "cli/options.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "quietus/outcome.h"

namespace quietus::cli {
namespace {

using Arguments = std::vector<std::string>;

Options read(const Arguments& arguments) {
  const auto parsed = parse(arguments);
  if (const auto* early = std::get_if<EarlyExit>(&parsed)) FAIL(early->out << early->err);
  return std::get<Options>(parsed);
}

bool is_usage_error(const Arguments& arguments) {
  const auto parsed = parse(arguments);
  const auto* early = std::get_if<EarlyExit>(&parsed);
  if (early == nullptr) return false;
  CHECK(early->exit_code == kExitUsage);
  CHECK(early->out.empty());
  CHECK(early->err.starts_with("error: "));
  return true;
}

TEST_CASE("options: what is not said has its default") {
  const Options options = read({"files", "a"});
  CHECK(options.command == Command::files);
  CHECK(options.paths == Arguments{"a"});
  CHECK(options.scheme == "moj-3r");
  CHECK(options.verify == VerifyMode::full);
  CHECK(options.rounds == 1);
  CHECK_FALSE(options.yes);
  CHECK_FALSE(options.recursive);
  CHECK_FALSE(options.best_effort);
  CHECK(read({"drives", "a"}).command == Command::drives);
}

TEST_CASE("defect 37: an empty argument is refused, wherever it stands") {
  for (const Arguments& arguments : {Arguments{""},
                                     {"files", ""},
                                     {"files", "a", ""},
                                     {"files", "--state-dir", "", "a"},
                                     {"", "files", "a"},
                                     {"files", "--", ""},
                                     {"drives", "--yes", ""}}) {
    CHECK(is_usage_error(arguments));
  }
}

TEST_CASE("defect 37: an option with an empty value does not take the next argument instead") {
  for (const std::string option : {"--state-dir=", "--certificate-dir=", "--manifest=", "--scheme=",
                                   "--rounds=", "--verify=", "--key=", "--yes=", "--dry-run="}) {
    CAPTURE(option);
    CHECK(is_usage_error({"files", option, "a", "b"}));
  }
  CHECK(read({"files", "--", "--state-dir="}).paths == Arguments{"--state-dir="});
}

TEST_CASE("defect 37: nothing is chosen by the absence of a target") {
  for (const Arguments& arguments : {Arguments{},
                                     {"files"},
                                     {"drives"},
                                     {"files", "--yes"},
                                     {"drives", "--yes", "--recursive"},
                                     {"files", "--yes", "--"}}) {
    CHECK(is_usage_error(arguments));
  }
}

TEST_CASE("defect 37: abbreviations of options and commands are refused") {
  for (const std::string option : {"--rec", "--ye", "--best", "--dry", "--keepp", "--YES", "-y",
                                   "--skip", "--state", "-rf", "--no-such"}) {
    CAPTURE(option);
    CHECK(is_usage_error({"files", option, "a"}));
  }
  for (const std::string command :
       {"file", "drive", "f", "Files", "driv", "dem", "ledger-verify"}) {
    CAPTURE(command);
    CHECK(is_usage_error({command, "a"}));
  }
}

TEST_CASE("defect 37: a number where a path is meant is just a path") {
  CHECK(read({"files", "1"}).paths == Arguments{"1"});
  CHECK(read({"drives", "0", "3"}).paths == Arguments{"0", "3"});
  CHECK(read({"files", "--rounds", "2", "3"}).paths == Arguments{"3"});
  CHECK(read({"files", "--", "-1"}).paths == Arguments{"-1"});
}

TEST_CASE("a path is taken as it is, whatever it looks like") {
  for (const std::string path : {"key", "demo", "ledger", "files",  "{}",   "%%", "a,b", "a b",
                                 "*",   "~",    "'x'",    "\"x\"",  "a=b",  "#x", "@x",  ".",
                                 "..",  "/",    "=x",     "\xff\n", "true", "[a", "a]",  "./[a]"}) {
    CAPTURE(path);
    CHECK(read({"files", "--yes", path}).paths == Arguments{path});
    CHECK(read({"files", "before", path, "--yes"}).paths == Arguments{"before", path});
    CHECK(read({"drives", path, "after"}).paths == Arguments{path, "after"});
    CHECK(read({"files", "--", path}).paths == Arguments{path});
  }
}

TEST_CASE("what the parser has a meaning of its own for never means another path") {
  for (const std::string path : {"[old]", "[a,b]", "[]", "[[a]]", "++"}) {
    CAPTURE(path);
    for (const Arguments& arguments : {Arguments{"files", path},
                                       {"drives", "--yes", path},
                                       {"files", "a", path},
                                       {"files", "--", path}}) {
      const auto parsed = parse(arguments);
      if (const auto* options = std::get_if<Options>(&parsed)) {
        CHECK(options->paths.back() == path);
      } else {
        CHECK(is_usage_error(arguments));
      }
    }
  }
}

TEST_CASE("values out of range and unknown words are refused") {
  for (const Arguments& more : {Arguments{"--rounds", "0"},
                                {"--rounds", "101"},
                                {"--rounds", "-1"},
                                {"--rounds", "x"},
                                {"--verify", "sometimes"},
                                {"--verify", "FULL"},
                                {"--verify", "0"},
                                {"--progress", "loud"},
                                {"--scheme", "a", "--scheme", "b"},
                                {"--passphrase-fd", "x"},
                                {"--rounds", "1.5"},
                                {"--rounds", "99999999999999999999"}}) {
    Arguments arguments{"files", "a"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    CAPTURE(more[0]);
    CAPTURE(more[1]);
    CHECK(is_usage_error(arguments));
  }
}

TEST_CASE("a flag that is set to false is not set") {
  CHECK_FALSE(read({"files", "--yes=false", "a"}).yes);
  CHECK(is_usage_error({"files", "--yes=perhaps", "a"}));
}

TEST_CASE("options of one command are not those of another") {
  CHECK(is_usage_error({"drives", "--keep", "a"}));
  CHECK(is_usage_error({"drives", "--recursive", "a"}));
  CHECK(is_usage_error({"files", "--withhold-final-key", "a"}));
  CHECK(is_usage_error({"ledger", "show", "a"}));
  CHECK(is_usage_error({"certificate", "verify", "a", "b"}));
  CHECK(is_usage_error({"key", "export", "a"}));
  CHECK(is_usage_error({"key", "export", "--format", "pem", "a", "b"}));
  CHECK(is_usage_error({"key", "export", "--format", "pem", "a", "--role", "log"}));
  CHECK(is_usage_error({"key", "export", "a", "--secret"}));
  CHECK(is_usage_error({"key", "export", "a", "--out", "b"}));
  CHECK(is_usage_error({"key", "export", "a", "--secret", "--out", "b", "--format", "pem"}));
  CHECK(is_usage_error({"trust", "add", "a", "--role", "operator"}));
  CHECK(is_usage_error({"trust", "add", "a", "--principal", "p"}));
  CHECK(is_usage_error({"trust", "revoke", "a"}));
}

TEST_CASE("help and version are not errors and name no target") {
  for (const Arguments& arguments : {Arguments{"--help"},
                                     {"--version"},
                                     {"files", "--help"},
                                     {"drives", "--yes", "a", "--help"}}) {
    const auto parsed = parse(arguments);
    REQUIRE(std::holds_alternative<EarlyExit>(parsed));
    CHECK(std::get<EarlyExit>(parsed).exit_code == kExitOk);
    CHECK_FALSE(std::get<EarlyExit>(parsed).out.empty());
  }
}

TEST_CASE("options: declarations are taken as they were said") {
  const Options options = read({"drives",
                                "--classification",
                                "official sensitive",
                                "--classification-after",
                                "OFFICIAL",
                                "--purpose",
                                "disposal",
                                "--tag",
                                "A-1",
                                "--organisation",
                                "An office",
                                "--location",
                                "Room 1",
                                "--operator",
                                "A. Smith; title=Engineer; contact=a@b; location=Here",
                                "--witness",
                                "B. Jones",
                                "--witness",
                                "F. Green",
                                "--approver",
                                "C. Brown",
                                "--approval-ref",
                                "APP-7",
                                "--asset-owner",
                                "A. Smith",
                                "--authority-ref",
                                "AUTH",
                                "--backed-up",
                                "yes",
                                "--backed-up-where",
                                "the vault",
                                "--retention-ref",
                                "R-1",
                                "--residual-copy",
                                "nightly=tapes=2027-01-31",
                                "--residual-copy",
                                "vault",
                                "--destination",
                                "recycle",
                                "--destination-detail",
                                "to a school",
                                "--contract-ref",
                                "C-1",
                                "--instruction-ref",
                                "I-1",
                                "--always-encrypted",
                                "a"});
  const Declarations& said = options.declarations;
  CHECK(said.classification == Classification::official_sensitive);
  CHECK(said.classification_after == Classification::official);
  CHECK(said.purpose == Purpose::disposal);
  CHECK(said.tag == "A-1");
  CHECK(said.organisation == "An office");
  CHECK(said.location == "Room 1");
  REQUIRE(said.people.size() == 5);
  CHECK(said.people[0] ==
        DeclaredPerson{"operator", {"A. Smith", "Engineer", "", "Here", "a@b"}, ""});
  CHECK(said.people[2].person.name == "F. Green");
  CHECK(said.people[3].reference == "APP-7");
  CHECK(said.people[4].role == "asset_owner");
  CHECK(said.backed_up == BackedUp::yes);
  CHECK(said.residual_copies ==
        std::vector<ResidualCopy>{{"nightly=tapes", "2027-01-31"}, {"vault", ""}});
  CHECK(said.custody == Custody{"recycle", "to a school", "I-1", "C-1"});
  CHECK(said.always_encrypted);
  CHECK(read({"files", "--no-residual-copies", "a"}).declarations.no_residual_copies);
  CHECK(read({"files", "a"}).declarations == Declarations{});
}

TEST_CASE("options: declarations that can't be meant are usage errors") {
  for (const Arguments& more : {Arguments{"--classification", "RESTRICTED"},
                                {"--classification", "PUBLIC"},
                                {"--classification-after", "CONFIDENTIAL"},
                                {"--purpose", "sale"},
                                {"--backed-up", "perhaps"},
                                {"--backed-up-where", "the vault"},
                                {"--backed-up", "no", "--backed-up-where", "the vault"},
                                {"--residual-copy", "tapes=2027-02-29"},
                                {"--residual-copy", "tapes=soon"},
                                {"--residual-copy", "tapes="},
                                {"--residual-copy", "=2027-01-31"},
                                {"--residual-copy", "tapes", "--no-residual-copies"},
                                {"--operator", "A. Smith", "--witness", "a.smith"},
                                {"--operator", "A. Smith", "--approver", "A.  SMITH"},
                                {"--witness", "A. Smith", "--approver", "A. Smith"},
                                {"--witness", "A. Smith", "--witness", "A. Smith"},
                                {"--witness", " ; title=x"},
                                {"--witness", "A. Smith; rank=x"},
                                {"--witness", "A. Smith; title"},
                                {"--approval-ref", "APP-7"},
                                {"--destination", "ebay"},
                                {"--organisation", "a\x1b[0m"},
                                {"--organisation", "a\nb"},
                                {"--location", std::string(501, 'x')},
                                {"--tag", std::string(101, 'x')}}) {
    Arguments arguments{"files", "a"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    CAPTURE(more.front());
    CAPTURE(more.back());
    CHECK(is_usage_error(arguments));
  }
  const auto parsed = parse({"files", "--classification", "RESTRICTED", "a"});
  CHECK(std::get<EarlyExit>(parsed).err.find("older marking") != std::string::npos);
}

TEST_CASE("options: a tag names one target") {
  CHECK(read({"files", "--tag", "A-1", "a", "b"}).declarations.tag == "A-1");  // one target
  CHECK(read({"drives", "--tag", "A-1", "a"}).declarations.tag == "A-1");
  CHECK(is_usage_error({"drives", "--tag", "A-1", "a", "b"}));
  CHECK(is_usage_error({"free-space", "--tag", "A-1", "a", "b"}));
}

TEST_CASE("options: plans and letters") {
  const Options plan = read({"plan", "drives", "--scheme", "zero", "--out", "p.plan.json",
                             "--not-after", "3", "--tag", "A-1", "a"});
  CHECK(plan.command == Command::plan);
  CHECK(plan.planned == Command::drives);
  CHECK(plan.scheme == "zero");
  CHECK(plan.out == "p.plan.json");
  CHECK(plan.not_after == "3");
  CHECK(plan.paths == Arguments{"a"});
  CHECK(read({"plan", "files", "--out", "p", "a"}).planned == Command::files);
  CHECK(read({"plan", "free-space", "--out", "p", "a"}).planned == Command::free_space);
  CHECK(is_usage_error({"plan"}));
  CHECK(is_usage_error({"plan", "files", "a"}));
  CHECK(is_usage_error({"plan", "--out", "p", "a"}));
  CHECK(is_usage_error({"plan", "drives", "--tag", "A-1", "--out", "p", "a", "b"}));
  const Options run = read({"run", "--yes", "p.plan.json"});
  CHECK(run.command == Command::run_plan);
  CHECK(run.yes);
  CHECK(is_usage_error({"run", "p", "q"}));
  CHECK(is_usage_error({"run", "--scheme", "zero", "p"}));
  CHECK(is_usage_error({"run", "--tag", "x", "p"}));
  const Options letter = read({"letter", "--html", "--date", "2026-11-22", "--signatory", "C",
                               "--position", "D", "--out", "l.html", "a", "b"});
  CHECK(letter.command == Command::letter);
  CHECK(letter.html);
  CHECK(letter.paths == Arguments{"a", "b"});
  CHECK(is_usage_error({"letter"}));
}

TEST_CASE("options: drives' own methods") {
  const Options plain = read({"drives", "a"});
  CHECK(plain.method.empty());
  CHECK_FALSE(plain.passes_given);
  CHECK_FALSE(plain.then_overwrite);
  for (const char* word :
       {"auto", "overwrite", "sanitize-crypto", "sanitize-block", "sanitize-overwrite",
        "secure-erase", "format", "key-erase", "opal-psid"}) {
    CHECK(read({"drives", "--method", word, "a"}).method == word);
  }
  CHECK(is_usage_error({"drives", "--method", "trim", "a"}));
  CHECK(is_usage_error({"drives", "--method", "sanitize_block", "a"}));
  CHECK(is_usage_error({"files", "--method", "overwrite", "a"}));
  for (const Arguments& passes : {Arguments{"--scheme", "zero"},
                                  {"--scheme-file", "s"},
                                  {"--rounds", "1"},
                                  {"--keystream", "chacha20"}}) {
    CHECK(read({"drives", passes[0], passes[1], "a"}).passes_given);
  }
  const Options all = read({"drives", "--then-overwrite", "--keep-hidden-area",
                            "--allow-usb-security", "--allow-unrestricted-exit",
                            "--allow-format-unit", "--with-siblings", "--psid", "P", "a"});
  CHECK(all.then_overwrite);
  CHECK(all.keep_hidden_area);
  CHECK(all.allow_usb_security);
  CHECK(all.allow_unrestricted_exit);
  CHECK(all.allow_format_unit);
  CHECK(all.with_siblings);
  CHECK(all.psid == "P");
  CHECK(read({"drives", "--psid-file", "F", "a"}).psid_file == "F");
  CHECK(is_usage_error({"drives", "--psid", "P", "--psid-file", "F", "a"}));
  CHECK(read({"plan", "drives", "--method", "format", "--out", "p", "a"}).method == "format");
  CHECK(read({"run", "--psid", "P", "plan"}).psid == "P");
}

TEST_CASE("options: status of a drive") {
  const Options plain = read({"status", "/dev/sdb"});
  CHECK(plain.command == Command::status);
  CHECK(plain.paths == Arguments{"/dev/sdb"});
  CHECK_FALSE(plain.wait);
  CHECK_FALSE(plain.leave_failure_state);
  CHECK(read({"status", "--wait", "/dev/sdb"}).wait);
  CHECK(read({"status", "--exit-failure-mode", "/dev/sdb"}).leave_failure_state);
  CHECK(is_usage_error({"status", "--wait", "--exit-failure-mode", "/dev/sdb"}));
  CHECK(is_usage_error({"status"}));
  CHECK(is_usage_error({"status", "a", "b"}));
}

}  // namespace
}  // namespace quietus::cli
