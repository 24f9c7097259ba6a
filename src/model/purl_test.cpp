#include "model/purl.h"

#include <gtest/gtest.h>

namespace vmsecurity::model {
namespace {

Package deb(std::string name, std::string version, std::string architecture) {
    Package package;
    package.type = "deb";
    package.name = std::move(name);
    package.version = std::move(version);
    package.architecture = std::move(architecture);
    return package;
}

Package pypi(std::string name, std::string version) {
    Package package;
    package.type = "pypi";
    package.name = std::move(name);
    package.version = std::move(version);
    return package;
}

OperatingSystem debian(std::string version_id, std::string codename) {
    OperatingSystem os;
    os.id = "debian";
    os.version_id = std::move(version_id);
    os.codename = std::move(codename);
    return os;
}

TEST(PackageUrl, NamesTheDistributionOfADeb) {
    EXPECT_EQ(package_url(deb("openssl", "3.0.11-1~deb12u2", "amd64"), debian("12", "bookworm")),
              "pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=debian-12");
}

TEST(PackageUrl, TakesTheCodenameWhereThereIsNoVersion) {
    EXPECT_EQ(package_url(deb("dpkg", "1.22", "amd64"), debian("", "trixie")),
              "pkg:deb/debian/dpkg@1.22?arch=amd64&distro=debian-trixie");
    EXPECT_EQ(package_url(deb("dpkg", "1.22", "amd64"), debian("", "")),
              "pkg:deb/debian/dpkg@1.22?arch=amd64");
}

TEST(PackageUrl, DoesNotGuessTheVendor) {
    EXPECT_EQ(package_url(deb("dpkg", "1.22", ""), OperatingSystem{}), "pkg:deb/dpkg@1.22");
}

TEST(PackageUrl, EncodesAllButUnreservedBytesAndColon) {
    EXPECT_EQ(package_url(deb("libstdc++6", "1:2.4.47-2+b1", "amd64"), debian("", "")),
              "pkg:deb/debian/libstdc%2B%2B6@1:2.4.47-2%2Bb1?arch=amd64");
    EXPECT_EQ(package_url(pypi("a b/@?#%ü", "1.0+cu118"), {}),
              "pkg:pypi/a%20b%2F%40%3F%23%25%C3%BC@1.0%2Bcu118");
}

TEST(PackageUrl, NormalisesPypiNamesAsPurlDoes) {
    EXPECT_EQ(package_url(pypi("Django_package", "1.11.1.dev1"), debian("12", "bookworm")),
              "pkg:pypi/django-package@1.11.1.dev1");
    EXPECT_EQ(package_url(pypi("zope.interface", "5.0"), {}), "pkg:pypi/zope.interface@5.0");
}

}  // namespace
}  // namespace vmsecurity::model
