package alatau.client;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** One call and the answer to expect; see clients/conformance/README.md. */
record Vector(String name, String method, double timeoutSeconds, JsonObject request, Expect expect) {
  private static final Pattern STEP = Pattern.compile("[^.\\[\\]]+");

  /** The answer to expect: values where the code is OK, else reason and violations. */
  record Expect(
      String code, Map<String, JsonElement> values, String reason, List<Violation> violations) {}

  /** One broken rule. */
  record Violation(String code, String path) {}

  private record File(List<Vector> vectors) {}

  /** Reads the file that the variable {@code ALATAU_VECTORS} names. */
  static List<Vector> read() throws IOException {
    String text = Files.readString(Path.of(setting("ALATAU_VECTORS")));
    return new Gson().fromJson(text, File.class).vectors();
  }

  /** Returns an environment variable that a run cannot do without. */
  static String setting(String name) {
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalStateException(
          "Set " + name + "; clients/conformance/README.md tells to what.");
    }
    return value;
  }

  /** Returns the value at a path such as {@code plan.routes[0].vehicleType}, or null. */
  static JsonElement valueAt(JsonElement root, String path) {
    JsonElement value = root;
    for (String step : (Iterable<String>) STEP.matcher(path).results().map(r -> r.group())::iterator) {
      if (value instanceof JsonObject object) {
        value = object.get(step);
      } else if (value instanceof JsonArray array && Integer.parseInt(step) < array.size()) {
        value = array.get(Integer.parseInt(step));
      } else {
        return null;
      }
    }
    return value;
  }

  @Override
  public String toString() {
    return name;
  }
}
