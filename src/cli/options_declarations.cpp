// SPDX-License-Identifier: GPL-3.0-or-later
// The command line's grammar for what people declare: of the data, the asset, each other and
// copies. By CLI11.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <utility>

#include "cli/options_parts.h"

namespace quietus::cli {
namespace {

using Words = std::vector<std::string>;

/// Turns an error into CLI11's, so that it is a usage error like any other.
template <class Value>
Value usable(const Result<Value>& result) {
  if (result) return *result;
  const Error& error = result.error();
  throw CLI::ValidationError(error.hint.empty() ? error.what
                                                : error.what + " (hint: " + error.hint + ")");
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// "NAME", or "NAME; title=...; organisation=...; location=...; contact=...".
Person person_from(const std::string& text) {
  constexpr std::array<std::pair<const char*, std::string Person::*>, 4> kDetails{
      {{"title", &Person::title},
       {"organisation", &Person::organisation},
       {"location", &Person::location},
       {"contact", &Person::contact}}};
  Person person;
  std::size_t end = text.find(';');
  person.name = trimmed(text.substr(0, end));
  if (person.name.empty()) throw CLI::ValidationError("a person has no name: " + text);
  while (end != std::string::npos) {
    const std::size_t begin = end + 1;
    end = text.find(';', begin);
    const std::string part = trimmed(text.substr(begin, end - begin));
    const std::size_t equals = part.find('=');
    const std::string key = trimmed(part.substr(0, equals));
    const auto detail = std::find_if(kDetails.begin(), kDetails.end(),
                                     [&](const auto& one) { return key == one.first; });
    if (detail == kDetails.end() || equals == std::string::npos) {
      throw CLI::ValidationError("not understood of a person: " + part +
                                 " (hint: \"NAME; title=T; organisation=O; location=L; "
                                 "contact=C\")");
    }
    person.*(detail->second) = trimmed(part.substr(equals + 1));
  }
  return person;
}

void add_text(CLI::App& app, const std::string& name, std::string& text, const std::string& title,
              const char* type = "TEXT") {
  app.add_option(name, text, title)->type_name(type);
}

void add_person(CLI::App& app, const std::string& name, const char* role, const std::string& title,
                Declarations& declared) {
  app.add_option_function<Words>(
         name,
         [&declared, role](const Words& texts) {
           for (const std::string& text : texts) {
             declared.people.push_back({role, person_from(text), {}});
           }
         },
         title)
      ->type_name("PERSON")
      ->allow_extra_args(false);
}

void add_data_options(CLI::App& app, Declarations& declared) {
  app.add_option_function<std::string>(
         "--classification",
         [&declared](const std::string& word) {
           declared.classification = usable(classification_from(word));
         },
         "The highest marking of what was held")
      ->type_name("MARKING")
      ->default_str("OFFICIAL");
  app.add_option_function<std::string>(
         "--classification-after",
         [&declared](const std::string& word) {
           declared.classification_after = usable(classification_from(word));
         },
         "The marking of the medium afterwards")
      ->type_name("MARKING");
  app.add_option_function<std::string>(
         "--purpose",
         [&declared](const std::string& word) { declared.purpose = usable(purpose_from(word)); },
         "What becomes of the medium: reuse, repair, disposal or destruction")
      ->type_name("PURPOSE")
      ->default_str("reuse");
  app.add_option_function<std::string>(
         "--backed-up",
         [&declared](const std::string& word) {
           declared.backed_up = word == "yes" ? BackedUp::yes : BackedUp::no;
         },
         "Whether the data is kept elsewhere: yes or no")
      ->type_name("ANSWER")
      ->check(CLI::IsMember({"yes", "no"}).description(""));
  add_text(app, "--backed-up-where", declared.backed_up_where, "Where it is kept");
  add_text(app, "--retention-ref", declared.retention_ref,
           "The decision that its time of retention is over", "REF");
  app.add_flag("--always-encrypted", declared.always_encrypted,
               "The medium held ciphertext only, from the first byte on");
}

void add_copy_options(CLI::App& app, Declarations& declared) {
  CLI::Option* copies =
      app.add_option_function<Words>(
             "--residual-copy",
             [&declared](const Words& texts) {
               for (const std::string& text : texts) {
                 const std::size_t equals = text.rfind('=');
                 ResidualCopy copy{trimmed(text.substr(0, equals)), {}};
                 if (equals != std::string::npos) copy.gone_by = trimmed(text.substr(equals + 1));
                 if (equals != std::string::npos && copy.gone_by.empty()) copy.gone_by = "no date";
                 declared.residual_copies.push_back(std::move(copy));
               }
             },
             "A copy that stays for now, and the day by which it is gone; once for each")
          ->type_name("WHAT[=YYYY-MM-DD]")
          ->allow_extra_args(false);
  app.add_flag("--no-residual-copies", declared.no_residual_copies, "No other copy is known")
      ->excludes(copies);
}

void add_people_options(CLI::App& app, Options& options) {
  Declarations& declared = options.declarations;
  add_person(app, "--operator", "operator",
             "Who runs this: \"NAME; title=T; organisation=O; location=L; contact=C\"", declared);
  add_person(app, "--witness", "witness", "Who watches", declared);
  add_person(app, "--approver", "approver", "Who approved it", declared);
  add_person(app, "--asset-owner", "asset_owner", "Who answers for the asset", declared);
  add_text(app, "--approval-ref", options.approval_ref, "The approval's reference", "REF");
  add_text(app, "--authority-ref", declared.authority_ref,
           "Security's leave to work on SECRET: its reference", "REF");
  add_text(app, "--organisation", declared.organisation, "Whose asset it is");
  add_text(app, "--location", declared.location, "Where this is done");
}

void add_custody_options(CLI::App& app, Declarations& declared) {
  app.add_option(
         "--destination", declared.custody.destination,
         "Where the medium goes: internal_reuse, external_reuse, repair, return, recycle or "
         "destruction")
      ->type_name("WHERE")
      ->check(CLI::IsMember({"internal_reuse", "external_reuse", "repair", "return", "recycle",
                             "destruction"})
                  .description(""));
  add_text(app, "--destination-detail", declared.custody.detail, "To whom, where exactly");
  add_text(app, "--contract-ref", declared.custody.contract_ref, "The contract", "REF");
  add_text(app, "--instruction-ref", declared.custody.instruction_ref, "The order to do this",
           "REF");
  add_text(app, "--tag", declared.tag, "The asset tag; of one target only", "TAG");
}

/// The approval's reference belongs to the approvers; without one it stands for somebody unnamed.
void give_reference(Options& options) {
  if (options.approval_ref.empty()) return;
  bool taken = false;
  for (DeclaredPerson& one : options.declarations.people) {
    if (one.role != "approver") continue;
    one.reference = options.approval_ref;
    taken = true;
  }
  if (!taken) {
    throw CLI::ValidationError("--approval-ref needs --approver NAME");
  }
}

}  // namespace

void add_statement_options(CLI::App& app, Options& options) {
  add_data_options(app, options.declarations);
  add_copy_options(app, options.declarations);
  add_people_options(app, options);
  add_custody_options(app, options.declarations);
  const bool together = app.get_name() == "files";  // all of its paths are one target
  app.parse_complete_callback([&options, together] {
    give_reference(options);
    if (Status good = check_declarations(options.declarations); !good) {
      throw CLI::ValidationError(good.error().what);
    }
    const bool several = !together && options.paths.size() > 1;
    if (!options.declarations.tag.empty() && several) {
      throw CLI::ValidationError("--tag names one asset, and there are " +
                                 std::to_string(options.paths.size()) + " targets");
    }
  });
}

namespace {

void add_out(CLI::App& app, Options& options, const char* title) {
  app.add_option("--out", options.out, title)->type_name("FILE");
}

}  // namespace

void add_plan_commands(CLI::App& app, Options& options) {
  CLI::App& plan = add_command(app, "plan", "Write a signed plan to be approved and run later",
                               Command::plan, options);
  plan.require_subcommand(1);
  add_destroying_commands(plan, options);
  for (CLI::App* sub : plan.get_subcommands([](CLI::App*) { return true; })) {
    add_out(*sub, options, "Where to write the plan: a name that ends in .plan.json");
    sub->get_option("--out")->required();
    sub->add_option("--not-after", options.not_after,
                    "When the plan ends: a time (RFC 3339, Z) or a number of days; default 7")
        ->type_name("TIME|DAYS");
  }
  plan.callback([&options] {
    options.planned = options.command;
    options.command = Command::plan;
  });
}

void add_letter_command(CLI::App& app, Options& options) {
  CLI::App& letter = add_command(app, "letter", "Draft the letter that confirms a destruction",
                                 Command::letter, options);
  letter.add_option("CERTIFICATE", options.paths, "Certificates that it rests on")->required();
  letter.add_flag("--html", options.html, "A page instead of plain text");
  add_out(letter, options, "Write to this new file instead of standard output");
  letter.add_option("--date", options.date, "The letter's date")->type_name("YYYY-MM-DD");
  letter.add_option("--signatory", options.signatory, "Who is to sign it")->type_name("NAME");
  letter.add_option("--position", options.position, "That person's position")->type_name("TEXT");
  letter
      .add_option("--organisation", options.declarations.organisation,
                  "On whose behalf; without it as the certificates say")
      ->type_name("TEXT");
  letter
      .add_option("--contract-ref", options.declarations.custody.contract_ref,
                  "The contract; without it as the certificates say")
      ->type_name("REF");
  letter.add_option("--addressee", options.addressee, "To whom")->type_name("TEXT");
  letter.add_option("--trust", options.trust, "Whose keys count: allowed_signers or a PEM")
      ->type_name("FILE");
  add_record_options(letter, options);
}

}  // namespace quietus::cli
