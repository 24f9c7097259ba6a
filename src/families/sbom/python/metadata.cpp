#include "families/sbom/python/metadata.h"

#include <algorithm>

#include "base/text.h"
#include "families/sbom/fields.h"

namespace vmsecurity::families::sbom::python {
namespace {

constexpr std::size_t kMaxLicenses = 16;
constexpr std::size_t kMaxLicenseName = 128;
constexpr std::string_view kLicenseClassifier = "License ::";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Old tools write this for what an author left out.
bool is_unknown(std::string_view value) {
    return value.empty() || value == "UNKNOWN";
}

struct Header {
    std::string name;  // lower case
    std::string_view value;
};

// A header with its continuation lines as one view into the text.
class HeaderReader {
  public:
    explicit HeaderReader(std::string_view text) : text_(text) {
        if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
    }

    bool next(Header& header) {
        const std::string_view line = text_.substr(position_, line_end(position_) - position_);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0 || line.front() == ' ' ||
            line.front() == '\t') {
            return false;
        }
        const std::size_t start = position_ + colon + 1;
        std::size_t end = line_end(position_);
        while (continues(end)) end = line_end(end + 1);
        position_ = std::min(end + 1, text_.size());
        header.name = base::to_lower(base::trim(line.substr(0, std::min(colon, kMaxHeaderName))));
        header.value = base::trim(text_.substr(start, end - start));
        return true;
    }

  private:
    static constexpr std::size_t kMaxHeaderName = 64;

    std::size_t line_end(std::size_t from) const {
        return std::min(text_.find('\n', from), text_.size());
    }
    bool continues(std::size_t end) const {
        return end + 1 < text_.size() && (text_[end + 1] == ' ' || text_[end + 1] == '\t');
    }

    std::string_view text_;
    std::size_t position_ = 0;
};

}  // namespace

Metadata parse_metadata(std::string_view text) {
    Metadata metadata;
    std::string_view author;
    std::string_view author_email;
    std::string_view maintainer;
    std::string_view maintainer_email;
    const auto keep_first = [](std::string_view& field, std::string_view value) {
        if (field.empty()) field = value;
    };
    HeaderReader reader(text);
    for (Header header; reader.next(header);) {
        if (header.name == "name") {
            keep_first(metadata.name, header.value);
        } else if (header.name == "version") {
            keep_first(metadata.version, header.value);
        } else if (header.name == "summary") {
            keep_first(metadata.summary, header.value);
        } else if (header.name == "license-expression") {
            keep_first(metadata.license_expression, header.value);
        } else if (header.name == "license") {
            keep_first(metadata.license, header.value);
        } else if (header.name == "author") {
            keep_first(author, header.value);
        } else if (header.name == "author-email") {
            keep_first(author_email, header.value);
        } else if (header.name == "maintainer") {
            keep_first(maintainer, header.value);
        } else if (header.name == "maintainer-email") {
            keep_first(maintainer_email, header.value);
        } else if (header.name == "classifier" && header.value.starts_with(kLicenseClassifier) &&
                   metadata.classifiers.size() < kMaxLicenses) {
            metadata.classifiers.push_back(header.value);
        }
    }
    for (const std::string_view candidate : {author, maintainer, author_email, maintainer_email}) {
        if (!is_unknown(candidate)) {
            metadata.author = candidate;
            break;
        }
    }
    if (is_unknown(metadata.summary)) metadata.summary = {};
    return metadata;
}

std::vector<std::string> licenses(const Metadata& metadata) {
    if (!is_unknown(metadata.license_expression)) {
        return {printable(metadata.license_expression, kMaxIdentifierSize)};
    }
    const std::string_view license = metadata.license;
    if (!is_unknown(license) && license.size() <= kMaxLicenseName &&
        license.find('\n') == std::string_view::npos) {
        return {printable(license)};
    }
    std::vector<std::string> names;
    for (const std::string_view classifier : metadata.classifiers) {
        const std::string_view last = base::trim(classifier.substr(classifier.rfind("::") + 2));
        // "License :: OSI Approved" alone names no licence.
        if (last.empty() || last == "OSI Approved") continue;
        std::string name = printable(last, kMaxLicenseName);
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
    return names;
}

}  // namespace vmsecurity::families::sbom::python
