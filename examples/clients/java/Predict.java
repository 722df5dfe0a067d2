// Asks the penguins model of `make serve`, with nothing but the JDK, 17 or later:
//   java Predict.java
// ISOMORPH=http://... in the environment names another server.
import java.net.URI;
import java.net.http.*;
import java.util.*;
import java.util.regex.*;

class Predict {
    static final String SERVICE = System.getenv().getOrDefault("ISOMORPH", "http://127.0.0.1:8080");
    static final HttpClient HTTP = HttpClient.newHttpClient();

    /** Rows as JSON in, answers out; `model` is "penguins", or "penguins/versions/1". */
    static Map<String, Object> predict(String model, String rows) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(SERVICE + "/models/" + model + "/predict"))
            .POST(HttpRequest.BodyPublishers.ofString(rows)).build();
        var response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        var answer = Json.object(response.body());
        if (response.statusCode() != 200) // an RFC 9457 problem, which names row and column
            throw new IllegalArgumentException(response.statusCode() + " " + answer.get("detail"));
        return answer;
    }

    public static void main(String[] args) throws Exception {
        var penguin = """
            {"bill_length_mm": 39.1, "bill_depth_mm": 18.7, "flipper_length_mm": 181,
             "body_mass_g": 3750, "year": 2007, "island": "Torgersen", "sex": "male"}""";

        var one = predict("penguins", penguin);
        System.out.println(one.get("label") + " " + one.get("probabilities"));

        var large = penguin.replace("181", "230").replace("\"male\"", "null"); // null is missing
        var many = predict("penguins/versions/1", "[" + penguin + ", " + large + "]");
        for (var answer : (List<?>) many.get("predictions")) System.out.println(answer);

        try {
            predict("penguins", penguin.replace("2007", "\"last year\""));
        } catch (IllegalArgumentException problem) {
            System.out.println(problem.getMessage());
        }
    }
}

/** JSON in Java's own types: Map, List, String, Double, Boolean, null. */
class Json {
    static final Pattern TOKEN = Pattern.compile(
        "\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"|[\\[\\]{}]|[-+.\\w]+");
    static final Pattern ESCAPE = Pattern.compile("\\\\(?:u(.{4})|(.))");
    static final Object END = new Object();

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(String json) {
        return (Map<String, Object>) value(TOKEN.matcher(json));
    }

    static Object value(Matcher tokens) {
        if (!tokens.find()) throw new IllegalArgumentException("not JSON");
        var token = tokens.group();
        switch (token) {
            case "{":
                var object = new LinkedHashMap<String, Object>();
                for (Object key; (key = value(tokens)) != END; )
                    object.put((String) key, value(tokens));
                return object;
            case "[":
                var array = new ArrayList<>();
                for (Object each; (each = value(tokens)) != END; ) array.add(each);
                return array;
            case "]", "}": return END;
            case "null": return null;
            case "true", "false": return token.equals("true");
        }
        if (!token.startsWith("\"")) return Double.parseDouble(token); // the bits that were sent
        return ESCAPE.matcher(token.substring(1, token.length() - 1)).replaceAll(Json::unescaped);
    }

    static String unescaped(MatchResult escape) {
        if (escape.group(2) == null) return (char) Integer.parseInt(escape.group(1), 16) + "";
        int control = "bfnrt".indexOf(escape.group(2));
        var plain = control < 0 ? escape.group(2) : "\b\f\n\r\t".substring(control, control + 1);
        return Matcher.quoteReplacement(plain);
    }
}
