// Prints the answers to the golden rows of the bundles it is given: each text as it is, each number
// by its bits, after the model, the row and the name of the output.
import java.nio.file.*;
import java.util.*;
import java.util.stream.*;

class Golden {
    public static void main(String[] bundles) throws Exception {
        for (var bundle : bundles) {
            var manifest = Json.object(Files.readString(Path.of(bundle, "manifest.json")));
            var golden = Json.object(Files.readString(Path.of(bundle, "golden.json")));
            var blocks = list(map(manifest.get("signature")).get("inputs"));
            var rows = new ArrayList<Map<String, Object>>();
            for (int block = 0; block < blocks.size(); block++) {
                var columns = list(map(blocks.get(block)).get("columns"));
                var data = list(map(list(golden.get("inputs")).get(block)).get("data"));
                for (int i = 0; i < data.size(); i++) {
                    int row = i / columns.size();
                    if (row == rows.size()) rows.add(new LinkedHashMap<>());
                    rows.get(row).put((String) columns.get(i % columns.size()), data.get(i));
                }
            }
            var name = manifest.get("name");
            var version = ((Double) manifest.get("version")).intValue();
            var answers = list(Predict.predict(name + "/versions/" + version, write(rows)).get("predictions"));
            for (int row = 0; row < answers.size(); row++) show(name + "\t" + row, answers.get(row));
        }
    }

    static void show(String place, Object value) {
        if (value instanceof Map) map(value).forEach((name, each) -> show(place + "\t" + name, each));
        else if (value instanceof Double number)
            System.out.printf("%s\t%016x%n", place, Double.doubleToRawLongBits(number));
        else System.out.println(place + "\t" + value);
    }

    static String write(Object value) {
        if (value instanceof List<?> list)
            return list.stream().map(Golden::write).collect(Collectors.joining(",", "[", "]"));
        if (value instanceof Map)
            return map(value).entrySet().stream().map(each -> write(each.getKey()) + ":" + write(each.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
        if (value instanceof String text) return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        return String.valueOf(value);
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(Object value) {
        return (List<Object>) value;
    }
}
