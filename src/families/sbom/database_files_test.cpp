#include "families/sbom/database_files.h"

#include <gtest/gtest.h>

namespace vmsecurity::families::sbom {
namespace {

struct Case {
    std::string path;
    std::string root;
    std::string database;
    std::string manager;  // empty: no database
};

class DatabaseFileAt : public ::testing::TestWithParam<Case> {};

TEST_P(DatabaseFileAt, TellsRootAndManager) {
    const auto found = database_file_at(GetParam().path);
    ASSERT_EQ(found.has_value(), !GetParam().manager.empty()) << GetParam().path;
    if (!found) return;
    EXPECT_EQ(found->root, GetParam().root);
    EXPECT_EQ(found->database, GetParam().database);
    EXPECT_EQ(found->manager, GetParam().manager);
}

INSTANTIATE_TEST_SUITE_P(
    , DatabaseFileAt,
    ::testing::Values(
        Case{"var/lib/dpkg/status", "", "var/lib/dpkg/status", "dpkg"},
        Case{"a/var/lib/dpkg/status", "a", "a/var/lib/dpkg/status", "dpkg"},
        Case{"a/b/var/lib/dpkg/status.d/libc6", "a/b", "a/b/var/lib/dpkg/status.d", "dpkg"},
        Case{"var/lib/rpm/Packages", "", "var/lib/rpm", "rpm"},
        Case{"a/usr/lib/sysimage/rpm/rpmdb.sqlite", "a", "a/usr/lib/sysimage/rpm", "rpm"},
        Case{"lib/apk/db/installed", "", "lib/apk/db/installed", "apk"},
        Case{"usr/lib/apk/db/installed", "", "usr/lib/apk/db/installed", "apk"},
        Case{"a/usr/lib/apk/db/installed", "a", "a/usr/lib/apk/db/installed", "apk"},
        Case{"a\xff/var/lib/pacman/local/ALPM_DB_VERSION", "a\xff", "a\xff/var/lib/pacman/local",
             "pacman"},
        // A name that only ends alike, a file more or less, nothing.
        Case{"xvar/lib/dpkg/status", "", "", ""}, Case{"a/var/lib/dpkg/status-old", "", "", ""},
        Case{"a/var/lib/dpkg/status.d", "", "", ""},
        Case{"var/lib/rpm/rpmdb.sqlite-wal", "", "", ""}, Case{"status", "", "", ""},
        Case{"", "", "", ""}));

}  // namespace
}  // namespace vmsecurity::families::sbom
