// SPDX-License-Identifier: GPL-3.0-or-later
// The table of built-in schemes: data and nothing else. Passes: two digits are a byte, several a
// repeated pattern; C1 is a byte drawn for the run and ~C1 its complement; R is random; V: read
// this pass back and compare it. The golden hashes in golden.cpp hold every row fast.
#include "scheme/table.h"

#include <array>

namespace quietus {
namespace {

constexpr auto kCurrent = SchemeStatus::current;
constexpr auto kHistoric = SchemeStatus::historic;

constexpr std::string_view kGutmannPasses =
    "R, R, R, R, 55, AA, 92 49 24, 49 24 92, 24 92 49, "
    "00, 11, 22, 33, 44, 55, 66, 77, 88, 99, AA, BB, CC, DD, EE, FF, "
    "92 49 24, 49 24 92, 24 92 49, 6D B6 DB, B6 DB 6D, DB 6D B6, R, R, R, R V";
constexpr std::string_view kPfitzner33Passes =
    "R, R, R, R, R, R, R, R, R, R, R, "
    "R, R, R, R, R, R, R, R, R, R, R, "
    "R, R, R, R, R, R, R, R, R, R, R V";

constexpr std::array kRows{
    SchemeRow{
        "moj-3r", "MoJ: three random passes",
        "UK Ministry of Justice security guidance, data destruction",
        "minimum for electronic and magnetic storage", kCurrent,
        "The default. The guidance asks for at least three complete passes of random data, or "
        "for destruction of the key, and takes this as enough for OFFICIAL only. On flash, "
        "overwriting is clear at most",
        "R, R, R V"},
    SchemeRow{"random", "One random pass", "Australian Information Security Manual, December 2025",
              "ISM-0354, magnetic media", kCurrent,
              "For magnetic disks made since 2001 of 15 GB or more. Fewer passes than the MoJ "
              "minimum. On flash, overwriting is clear at most",
              "R V"},
    SchemeRow{"zero", "One pass of zeros", "NIST SP 800-88 Rev. 1", "Clear, magnetic disks",
              kCurrent,
              "Clear: one pass of a fixed value. Rev. 1 was withdrawn in 2025; Rev. 2 names no "
              "pattern and points to IEEE 2883. On flash, overwriting is clear at most, and a "
              "device may store zeros without writing them",
              "00 V"},
    SchemeRow{"one", "One pass of ones", "NIST SP 800-88 Rev. 1", "Clear, magnetic disks", kCurrent,
              "Clear: one pass of a fixed value, every byte FF. Rev. 1 was withdrawn in 2025; "
              "Rev. 2 names no pattern and points to IEEE 2883. On flash, overwriting is clear at "
              "most",
              "FF V"},
    SchemeRow{"ism-flash", "ISM: two random passes for flash",
              "Australian Information Security Manual, December 2025", "ISM-0359, flash media",
              kCurrent,
              "On flash, overwriting is clear at most: worn and spare blocks are out of reach. "
              "SECRET and TOP SECRET flash keeps its classification (ISM-0360)",
              "R, R V"},
    SchemeRow{"ism-hdd-old", "ISM: three random passes for old disks",
              "Australian Information Security Manual, December 2025",
              "ISM-0354, magnetic media from before 2001 or under 15 GB", kCurrent,
              "For old or small magnetic disks; newer ones need one pass (random). SECRET and TOP "
              "SECRET disks keep their classification (ISM-0356)",
              "R, R, R V"},
    SchemeRow{"nist-usb", "NIST: a byte and its complement", "NIST SP 800-88 Rev. 1",
              "Clear, USB sticks and memory cards", kHistoric,
              "Historic: Rev. 1 was withdrawn in 2025, Rev. 2 names no pattern. Use ism-flash or "
              "moj-3r. On flash, overwriting is clear at most: destroy the stick for release",
              "C1, ~C1 V"},
    SchemeRow{
        "is5-baseline", "HMG IS5 Baseline", "HMG Information Assurance Standard 5",
        "Baseline; last known issue 4.0, April 2011", kHistoric,
        "Historic: commonly taken as replaced by NCSC guidance. Use moj-3r. Sources differ on "
        "the byte; we chose 00. On flash, overwriting is clear at most",
        "00 V"},
    SchemeRow{"is5-enhanced", "HMG IS5 Enhanced", "HMG Information Assurance Standard 5",
              "Enhanced; last known issue 4.0, April 2011", kHistoric,
              "Historic, but still named by the MoJ for repair; commonly taken as replaced by NCSC "
              "guidance. Use moj-3r elsewhere: this has one random pass, not three. Some tools "
              "write 01 where ones (FF) are meant; this does not",
              "00, FF, R V"},
    SchemeRow{"dod-e", "DoD 5220.22-M, three passes",
              "DSS Clearing and Sanitization Matrix (DoD 5220.22-M, 1995)", "method d", kHistoric,
              "Historic pattern, not a current standard: not accepted for magnetic disks since "
              "2007. Use moj-3r. The matrix has it twice, d with verification and e without; this "
              "verifies",
              "C1, ~C1, R V"},
    SchemeRow{"dod-c", "DoD 5220.22-M, one character",
              "DSS Clearing and Sanitization Matrix (DoD 5220.22-M, 1995)", "method c", kHistoric,
              "Historic pattern, not a current standard, and clearing only even then. Use random "
              "or moj-3r",
              "C1 V"},
    SchemeRow{
        "dod-ece", "DoD 5220.22-M ECE, seven passes",
        "none: an industry construction on DoD 5220.22-M", "E + C + E", kHistoric,
        "Historic pattern, not a current standard: no edition of the manual asked for it. Use "
        "moj-3r. The three characters are drawn independently",
        "C1, ~C1, R, C2, C3, ~C3, R V"},
    SchemeRow{"nnsa", "NNSA NAP-14.1-C", "NNSA Policy Letter NAP-14.1-C",
              "as commonly implemented; we have not seen the text", kHistoric,
              "Historic: use moj-3r. Two random passes, then zeros", "R, R, 00 V"},
    SchemeRow{"afssi-5020", "US Air Force AFSSI 5020", "AFSSI 5020, 1996",
              "as commonly implemented; we have not seen the whole text", kHistoric,
              "Historic: succeeded by AFSSI 8580 in 2008. Use moj-3r. A check of 10 % is commonly "
              "reported for it; this compares everything",
              "00, FF, C1 V"},
    SchemeRow{"ar380-19", "US Army AR 380-19", "Army Regulation 380-19, 1998",
              "random character, specified character, complement", kHistoric,
              "Historic: use moj-3r. The regulation leaves the specified character open; we chose "
              "00, so its complement is FF",
              "C1, 00, FF V"},
    SchemeRow{"navso-rll", "US Navy NAVSO P-5239-26 (RLL)", "NAVSO P-5239-26, 1993",
              "RLL-encoded drives", kHistoric,
              "Historic: for drives that no longer exist. Use moj-3r. The word is written most "
              "significant bit first, bytes 27 FF FF FF; the text can also be read as E4 FF FF FF",
              "FF, 27 FF FF FF, R V"},
    SchemeRow{
        "navso-mfm", "US Navy NAVSO P-5239-26 (MFM)", "NAVSO P-5239-26, 1993", "MFM-encoded drives",
        kHistoric,
        "Historic: for drives that no longer exist. Use moj-3r. The word is written most "
        "significant bit first, bytes BF FF FF FF; the text can also be read as FD and then FF",
        "FF, BF FF FF FF, R V"},
    SchemeRow{"rcmp-ops2", "RCMP TSSIT OPS-II", "RCMP TSSIT OPS-II",
              "three times zeros and ones, then random", kHistoric,
              "Historic: succeeded by CSEC ITSG-06, then by ITSP.40.006. Use moj-3r. Some tools "
              "write one drawn byte last; we chose random data",
              "00, FF, 00, FF, 00, FF, R V"},
    SchemeRow{"csec-itsg06", "CSEC ITSG-06", "CSEC ITSG-06, 2006",
              "as commonly implemented; we have not seen the text", kHistoric,
              "Historic: succeeded by ITSP.40.006, for which triple overwriting is clearing only. "
              "Use moj-3r. The first byte may be 00 or FF; we chose 00",
              "00, FF, R V"},
    SchemeRow{
        "vsitr", "German VSITR", "VSITR (Germany), 1998 to 2009",
        "three times zeros and ones, then AA", kHistoric,
        "Historic: replaced by BSI TL-03423 in 2009. Use moj-3r. Since 2018 German classified "
        "data needs software that the BSI approved; this has no such approval",
        "00, FF, 00, FF, 00, FF, AA V"},
    SchemeRow{"scrub-bsi", "\"bsi\" of the program scrub", "none: a scheme of the program scrub",
              "bsi", kHistoric,
              "Historic: here only for those who used it in scrub; it is not VSITR nor any BSI "
              "standard that we know. Use moj-3r",
              "FF, FE, FD, FB, F7, EF, DF, BF, 7F V"},
    SchemeRow{"gost-50739", "GOST R 50739-95", "GOST R 50739-95",
              "as commonly implemented; the standard is commonly said to define no bytes",
              kHistoric,
              "Historic: use moj-3r. Zeros, then random data, is what tools agreed on. We have not "
              "seen the text",
              "00, R V"},
    SchemeRow{"schneier7", "Schneier, seven passes", "none: B. Schneier, Applied Cryptography",
              "as commonly implemented: ones, zeros, five random passes", kHistoric,
              "Historic: use moj-3r. Tools differ on which comes first; we chose ones",
              "FF, 00, R, R, R, R, R V"},
    SchemeRow{"pfitzner7", "Pfitzner, seven random passes", "none: R. Pfitzner, 2003",
              "as commonly implemented", kHistoric,
              "Historic: use moj-3r. More random passes than any current standard asks for",
              "R, R, R, R, R, R, R V"},
    SchemeRow{"pfitzner33", "Pfitzner, 33 random passes", "none: R. Pfitzner, 2003",
              "as commonly implemented", kHistoric,
              "Historic: use moj-3r. More random passes than any current standard asks for",
              kPfitzner33Passes},
    SchemeRow{
        "gutmann35", "Gutmann, 35 passes",
        "none: P. Gutmann, Secure Deletion of Data from Magnetic and Solid-State Memory, 1996",
        "table 1; passes 5 to 31 in random order", kHistoric,
        "Historic: its author is widely quoted as saying that no modern drive needs it. Use moj-3r "
        "or "
        "random. Made for encodings of the 1990s",
        kGutmannPasses, PassOrder::gutmann},
    SchemeRow{"bmb21", "BMB21-2019", "BMB21-2019 (China)",
              "as commonly implemented; we have not seen the text", kCurrent,
              "Ones, zeros, three random passes, ones, as the program nwipe has it. On flash, "
              "overwriting is clear at most",
              "FF, 00, R, R, R, FF V"},
    SchemeRow{
        "nzsit402", "NZSIT 402", "NZSIT 402 (New Zealand)",
        "as commonly implemented; we have not seen the text", kHistoric,
        "Historic: the New Zealand Information Security Manual (13.4 to 13.6) is what to read "
        "today. Use random or moj-3r",
        "R V"},
};

}  // namespace

std::span<const SchemeRow> scheme_rows() { return kRows; }

}  // namespace quietus
