#include "model/schema/route.h"

namespace vmsecurity::model::schema {
namespace {

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/things", .operation = "list"},
    {.method = "POST", .path = "/things", .operation = "create"},
    {.method = "GET", .path = "/things/{id}", .operation = "read"},
    {.method = "DELETE", .path = "/things/{id}", .operation = "delete"},
    {.method = "POST", .path = "/things/preview", .operation = "preview"},
    {.method = "PUT", .path = "/things/{id}/parts/{part}", .operation = "part"},
};

std::string operation(std::string_view method, std::string_view path) {
    const RouteMatch match = match_route(kRoutes, method, path);
    if (match.route != nullptr) return std::string(match.route->operation);
    return match.allow.empty() ? "404" : "405 " + match.allow;
}

TEST(Route, IsFoundByMethodAndPath) {
    EXPECT_EQ(operation("GET", "/things"), "list");
    EXPECT_EQ(operation("POST", "/things"), "create");
    EXPECT_EQ(operation("GET", "/things/7"), "read");
    EXPECT_EQ(operation("HEAD", "/things/7"), "read");
    EXPECT_EQ(operation("PUT", "/things/7/parts/x"), "part");
}

TEST(Route, IsThereBelowApiToo) {
    EXPECT_EQ(operation("GET", "/api/things"), "list");
    EXPECT_EQ(operation("GET", "/api/api/things"), "404");
    EXPECT_EQ(operation("GET", "/apithings"), "404");
}

TEST(Route, GivesTheParametersOfThePath) {
    const RouteMatch match = match_route(kRoutes, "PUT", "/api/things/7/parts/x y");
    EXPECT_EQ(match.parameter("id"), "7");
    EXPECT_EQ(match.parameter("part"), "x y");
    EXPECT_EQ(match.parameter("other"), "");
}

TEST(Route, TellsAnUnknownPathFromAWrongMethod) {
    for (const std::string_view path :
         {"", "/", "/api", "/api/", "/thing", "/things/", "/things//", "/things/7/parts",
          "/things/7/parts/", "/things//parts/x", "/things/7/parts/x/y", "//things"}) {
        EXPECT_EQ(operation("GET", path), "404") << path;
    }
    EXPECT_EQ(operation("PATCH", "/things"), "405 GET, HEAD, POST");
    EXPECT_EQ(operation("PUT", "/things/7"), "405 GET, HEAD, DELETE");
    EXPECT_EQ(operation("get", "/things"), "405 GET, HEAD, POST");
}

TEST(Route, OfFixedWordsGoesBeforeParameters) {
    EXPECT_EQ(operation("POST", "/things/preview"), "preview");
    EXPECT_EQ(operation("GET", "/things/preview"), "405 POST");
}

}  // namespace
}  // namespace vmsecurity::model::schema
