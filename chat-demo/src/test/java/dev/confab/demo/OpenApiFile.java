package dev.confab.demo;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import dev.confab.netty.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** The file {@code docs/openapi.yaml}. Not thread-safe. */
final class OpenApiFile {
    private static final Path FILE = Path.of("..", "docs", "openapi.yaml");
    private static final String IRI = "https://confab.example/openapi.yaml";
    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** A method in upper case, and a path. */
    record Operation(String method, String path) implements Comparable<Operation> {
        @Override
        public int compareTo(Operation other) {
            return toString().compareTo(other.toString());
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /**
     * A kind of response to an operation.
     *
     * @param code the code in the body; empty if the body has none
     */
    record Outcome(Operation operation, int status, String code) implements Comparable<Outcome> {
        @Override
        public int compareTo(Outcome other) {
            return toString().compareTo(other.toString());
        }

        @Override
        public String toString() {
            return operation + " " + status + " " + code;
        }
    }

    private final SchemaRegistry registry;
    private final JsonNode root;
    private final Map<String, Schema> schemas = new HashMap<>();

    OpenApiFile() {
        String text;
        try {
            text = Files.readString(FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        registry = SchemaRegistry.withDialect(Dialects.getOpenApi31(), builder -> builder.schemas(Map.of(IRI, text)));
        root = registry.getSchema(SchemaLocation.of(IRI), text, InputFormat.YAML)
                .getSchemaNode();
    }

    Set<Operation> operations() {
        Set<Operation> all = new TreeSet<>();
        for (Map.Entry<String, JsonNode> path : root.get("paths").properties()) {
            for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
                all.add(new Operation(method.getKey().toUpperCase(Locale.ROOT), path.getKey()));
            }
        }
        return all;
    }

    /** Returns all responses that the file lists. */
    Set<Outcome> outcomes() {
        Set<Outcome> all = new TreeSet<>();
        for (Operation operation : operations()) {
            String responses = pointer(operation) + "/responses";
            for (String status : root.at(responses).propertyNames()) {
                for (String code : codes(responses + "/" + status)) {
                    all.add(new Outcome(operation, Integer.parseInt(status), code));
                }
            }
        }
        return all;
    }

    /** Returns the pointers of the parameters of an operation that belong into the query. */
    List<String> queryParameters(Operation operation) {
        return items(pointer(operation) + "/parameters").stream()
                .filter(parameter -> text(parameter + "/in").equals("query"))
                .toList();
    }

    /** Returns whether a server that wants tokens wants one with this operation. */
    boolean takesToken(Operation operation) {
        JsonNode own = root.at(pointer(operation) + "/security");
        JsonNode requirements = own.isMissingNode() ? root.get("security") : own;
        for (JsonNode requirement : requirements) {
            for (String scheme : requirement.propertyNames()) {
                if (root.at("/components/securitySchemes/" + scheme).isMissingNode()) {
                    throw new AssertionError("There is no security scheme " + scheme);
                }
            }
        }
        return !requirements.isEmpty();
    }

    /** Returns whether a value of a parameter is valid. */
    boolean accepts(String parameter, String value) {
        String schema = follow(parameter + "/schema");
        JsonNode type = root.at(schema + "/type");
        JsonNode instance = NODES.stringNode(value);
        if (type.isString() && type.stringValue().equals("integer") && value.matches("[0-9]+")) {
            instance = NODES.numberNode(Long.parseLong(value));
        } else if (type.isString() && type.stringValue().equals("boolean") && value.matches("true|false")) {
            instance = NODES.booleanNode(value.equals("true"));
        } else if (type.isString() && type.stringValue().equals("array")) {
            instance = NODES.arrayNode().add(value);
        }
        return schema(schema).validate(instance).isEmpty();
    }

    /** Returns the media types of the body of a request, each with its example. */
    Map<String, JsonNode> exampleBodies(Operation operation) {
        Map<String, JsonNode> examples = new HashMap<>();
        String content = pointer(operation) + "/requestBody/content";
        for (Map.Entry<String, JsonNode> media : root.at(content).properties()) {
            JsonNode example = media.getValue().get("example");
            examples.put(media.getKey(), example);
            String schema = content + "/" + escaped(media.getKey()) + "/schema";
            if (!schema(schema).validate(example).isEmpty()) {
                throw new AssertionError("The example of " + operation + " is invalid: " + example);
            }
        }
        return examples;
    }

    /** Returns the differences between a response and its description in the file. */
    List<String> errors(Operation operation, RawHttp.Response response) {
        String described = follow(pointer(operation) + "/responses/" + response.status());
        if (root.at(described).isMissingNode()) {
            return List.of("The status is not in the file");
        }
        List<String> errors = new ArrayList<>();
        for (String name : root.at(described + "/headers").propertyNames()) {
            String header = follow(described + "/headers/" + name);
            String value = response.header(name);
            if (value != null) {
                validate(header + "/schema", NODES.stringNode(value), errors);
            } else if (root.at(header + "/required").asBoolean(false)) {
                errors.add("The header " + name + " is missing");
            }
        }
        String content = described + "/content";
        String media = mediaType(response);
        if (root.at(content).isMissingNode()) {
            return errors;
        }
        if (media == null || root.at(content + "/" + escaped(media)).isMissingNode()) {
            errors.add("The media type is not in the file: " + media);
            return errors;
        }
        JsonNode body = media.endsWith("json") ? JSON.readTree(response.body()) : NODES.stringNode(response.body());
        validate(content + "/" + escaped(media) + "/schema", body, errors);
        if (media.equals("application/problem+json") && body.get("status").intValue() != response.status()) {
            errors.add("The status in the body is another one: " + body);
        }
        return errors;
    }

    /** Returns the code in a body; empty if it has none. */
    static String code(RawHttp.Response response) {
        String media = mediaType(response);
        return media != null && media.endsWith("json")
                ? JSON.readTree(response.body()).path("code").asString("")
                : "";
    }

    /** Returns the text of a node. */
    String text(String pointer) {
        return root.at(pointer).stringValue();
    }

    private static String mediaType(RawHttp.Response response) {
        String type = response.header("content-type");
        return type == null ? null : type.replaceFirst(";.*", "");
    }

    private void validate(String pointer, JsonNode instance, List<String> errors) {
        schema(pointer).validate(instance).forEach(error -> errors.add(error.toString()));
    }

    private Schema schema(String pointer) {
        return schemas.computeIfAbsent(
                follow(pointer), target -> registry.getSchema(SchemaLocation.of(IRI + "#" + target)));
    }

    private Set<String> codes(String response) {
        String content = follow(response) + "/content";
        Set<String> found = new TreeSet<>();
        for (String media : root.at(content).propertyNames()) {
            found.addAll(codesOf(content + "/" + escaped(media) + "/schema"));
        }
        return found.isEmpty() ? Set.of("") : found;
    }

    /** Returns the codes that a schema allows. A schema with alternatives has the codes of each alternative. */
    private Set<String> codesOf(String pointer) {
        String schema = follow(pointer);
        Set<String> found = new TreeSet<>();
        root.at(schema + "/properties/code/enum").forEach(code -> found.add(code.stringValue()));
        for (String part : items(schema + "/allOf")) {
            Set<String> codes = new TreeSet<>(codesOf(part));
            codes.remove("");
            found.addAll(codes);
        }
        items(schema + "/oneOf").forEach(alternative -> found.addAll(codesOf(alternative)));
        return found.isEmpty() ? Set.of("") : found;
    }

    private List<String> items(String array) {
        List<String> pointers = new ArrayList<>();
        for (int i = 0; i < root.at(array).size(); i++) {
            pointers.add(follow(array + "/" + i));
        }
        return pointers;
    }

    /** Returns where a node is, or, if the node is a reference, where its target is. */
    private String follow(String pointer) {
        JsonNode reference = root.at(pointer).get("$ref");
        if (reference == null) {
            return pointer;
        }
        String target = reference.stringValue().substring(1);
        if (root.at(target).isMissingNode()) {
            throw new AssertionError("There is nothing at " + target);
        }
        return follow(target);
    }

    private static String pointer(Operation operation) {
        return "/paths/" + escaped(operation.path()) + "/" + operation.method().toLowerCase(Locale.ROOT);
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
