#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "model/api/tables.h"
#include "model/schema/schema.h"

namespace vmsecurity::model::schema::testing_support {

// One case of a file in testdata/, with the name of the file and its number there.
struct Case {
    std::string name;
    boost::json::object content;

    const Schema& schema() const {
        return *api::find_schema(std::string_view(content.at("schema").as_string()));
    }
};

// The cases of every file in testdata/`folder`/: each file is an array of objects.
inline std::vector<Case> cases(const std::string& folder) {
    std::vector<Case> all;
    for (const auto& entry : std::filesystem::directory_iterator("testdata/" + folder)) {
        std::ifstream file(entry.path());
        std::stringstream text;
        text << file.rdbuf();
        const auto values = codec::parse_json(text.str());
        EXPECT_TRUE(values.has_value()) << entry.path() << ": " << values.error().describe();
        if (!values) continue;
        for (const boost::json::value& value : values->as_array()) {
            all.push_back({entry.path().stem().string() + "[" + std::to_string(all.size()) + "]",
                           value.as_object()});
        }
    }
    EXPECT_FALSE(all.empty()) << "no cases in testdata/" << folder;
    return all;
}

}  // namespace vmsecurity::model::schema::testing_support
