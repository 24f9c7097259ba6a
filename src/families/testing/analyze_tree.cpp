#include "families/testing/analyze_tree.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

namespace vmsecurity::families::testing {
namespace {

class CollectingSink : public scan::Sink {
  public:
    CollectingSink(TreeAnalysis& analysis, std::string path, std::uint32_t analyzer)
        : analysis_(analysis), path_(std::move(path)), analyzer_(analyzer) {}
    void emit(std::string_view kind, std::string_view payload) override {
        if (payload.size() > kMaxRecordSize) {
            problem("the record is too large");
            return;
        }
        analysis_.records.push_back({0, analyzer_, path_, std::string(kind), std::string(payload)});
    }
    void problem(std::string_view reason) override {
        analysis_.problems.push_back({path_, std::string(reason)});
    }

  private:
    TreeAnalysis& analysis_;
    std::string path_;
    std::uint32_t analyzer_;
};

void analyze(const scan::Analyzer& analyzer, std::uint32_t index, const std::string& path,
             std::string_view content, std::uint64_t prefix, TreeAnalysis& analysis) {
    scan::File file;
    file.path = path;
    file.status.type = filesystem::FileType::kRegular;
    file.status.size = content.size();
    file.content = base::as_bytes(prefix == 0 ? content : content.substr(0, prefix));
    CollectingSink sink(analysis, path, index);
    if (const auto done = analyzer.analyze(file, sink); !done) {
        sink.problem(done.error().describe());
    }
}

std::string read_whole(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

bool is_exact(std::string_view pattern) {
    return pattern.find('*') == std::string_view::npos;
}

// One path component; '*' is any run of bytes.
bool matches_name(std::string_view pattern, std::string_view name) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == name;
    if (!name.starts_with(pattern.substr(0, star))) return false;
    pattern.remove_prefix(star + 1);
    name.remove_prefix(star);
    for (;; name.remove_prefix(1)) {
        if (matches_name(pattern, name)) return true;
        if (name.empty()) return false;
    }
}

}  // namespace

bool matches(std::string_view pattern, std::string_view path) {
    if (pattern.starts_with("**/")) {
        pattern.remove_prefix(3);
        for (;;) {
            if (matches(pattern, path)) return true;
            const std::size_t slash = path.find('/');
            if (slash == std::string_view::npos) return false;
            path.remove_prefix(slash + 1);
        }
    }
    const std::size_t pattern_end = pattern.find('/');
    const std::size_t path_end = path.find('/');
    if (!matches_name(pattern.substr(0, pattern_end), path.substr(0, path_end))) return false;
    if (pattern_end == std::string_view::npos || path_end == std::string_view::npos) {
        return pattern_end == path_end;
    }
    return matches(pattern.substr(pattern_end + 1), path.substr(path_end + 1));
}

TreeAnalysis analyze_tree(std::span<const scan::Analyzer* const> analyzers,
                          const std::filesystem::path& root) {
    std::vector<std::string> walked;
    const auto options = std::filesystem::directory_options::skip_permission_denied;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root, options)) {
        if (entry.is_symlink() || !entry.is_regular_file()) continue;
        walked.push_back(entry.path().lexically_relative(root).string());
    }
    std::ranges::sort(walked);

    TreeAnalysis analysis;
    for (std::uint32_t i = 0; i < analyzers.size(); ++i) {
        std::map<std::string, std::uint64_t> wanted;  // path -> prefix; a file is given once
        for (const scan::Want& want : analyzers[i]->wants()) {
            if (is_exact(want.pattern)) {
                if (std::filesystem::is_regular_file(root / want.pattern)) {
                    wanted.try_emplace(want.pattern, want.prefix_bytes);
                }
                continue;
            }
            for (const std::string& path : walked) {
                if (matches(want.pattern, path)) wanted.try_emplace(path, want.prefix_bytes);
            }
        }
        for (const auto& [path, prefix] : wanted) {
            analyze(*analyzers[i], i, path, read_whole(root / path), prefix, analysis);
        }
    }
    return analysis;
}

TreeAnalysis analyze_content(const scan::Analyzer& analyzer, std::string_view path,
                             std::string_view content) {
    TreeAnalysis analysis;
    analyze(analyzer, 0, std::string(path), content, 0, analysis);
    return analysis;
}

}  // namespace vmsecurity::families::testing
