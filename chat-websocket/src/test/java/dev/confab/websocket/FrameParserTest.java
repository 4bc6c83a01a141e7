package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.confab.websocket.ClientFrame.Ping;
import dev.confab.websocket.ClientFrame.Ref;
import dev.confab.websocket.ClientFrame.Send;
import dev.confab.websocket.ClientFrame.SendSignal;
import dev.confab.websocket.ClientFrame.Subscribe;
import dev.confab.websocket.ClientFrame.Tag;
import dev.confab.websocket.ClientFrame.Unsubscribe;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameParserTest {
    @Test
    void theFieldsOfASendCanBeInAnyOrder() {
        assertThat(parse("{'ref':7,'body':'b','key':'k','room':'r','nick':'n','type':'send'}"))
                .isEqualTo(new Send("r", "n", "b", new Tag("k", new Ref("7", true))));
    }

    @Test
    void missingFieldsAreNull() {
        assertThat(parse("{'type':'send','body':'','room':null,'key':null,'ref':null}"))
                .isEqualTo(new Send(null, null, "", Tag.NONE));
        assertThat(parse("{'type':'send','body':'x','room':'','nick':'','key':''}"))
                .isEqualTo(new Send(null, null, "x", Tag.NONE));
        assertThat(parse("{'type':'send','body':'x','nick':null}")).isEqualTo(new Send(null, null, "x", Tag.NONE));
        assertThat(parse("{'type':'send','body':'x'}")).isEqualTo(new Send(null, null, "x", Tag.NONE));
    }

    @Test
    void aRefIsRepeatedAsItWasWritten() {
        assertThat(parse("{'type':'send','body':'x','ref':1.50e3}"))
                .isEqualTo(new Send(null, null, "x", new Tag(null, new Ref("1.50e3", true))));
        assertThat(parse("{'type':'send','body':'x','ref':'r-1'}"))
                .isEqualTo(new Send(null, null, "x", new Tag(null, new Ref("r-1", false))));
    }

    @Test
    void theRoomsOfAConnectionCanBeChanged() {
        assertThat(parse("{'type':'subscribe','room':'r','after':'earliest','ref':1}"))
                .isEqualTo(new Subscribe("r", "earliest", new Tag(null, new Ref("1", true))));
        assertThat(parse("{'type':'subscribe','room':'r','after':''}")).isEqualTo(new Subscribe("r", null, Tag.NONE));
        assertThat(parse("{'type':'unsubscribe','room':'r'}")).isEqualTo(new Unsubscribe("r", Tag.NONE));
    }

    @Test
    void theDataOfASignalMayBeMissing() {
        assertThat(parse("{'type':'signal','room':'r','event':'typing','data':'d'}"))
                .isEqualTo(new SendSignal("r", "typing", "d", Tag.NONE));
        assertThat(parse("{'type':'signal','event':'typing'}")).isEqualTo(new SendSignal(null, "typing", "", Tag.NONE));
        assertThat(refused("{'type':'signal','data':'d'}").detail())
                .isEqualTo("event: is missing (expected: a string)");
    }

    @Test
    void unknownFieldsAreSkipped() {
        assertThat(parse("{'nick':'bob','x':{'body':[1,{'type':'send'}]},'type':'ping'}"))
                .isEqualTo(new Ping());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    ~~                                      | INVALID_JSON  | The message is not a JSON object
                    []                                      | INVALID_JSON  | The message is not a JSON object
                    'x'                                     | INVALID_JSON  | The message is not a JSON object
                    {'type':'ping'                          | INVALID_JSON  | The message is not JSON as in RFC 8259
                    {'type':'ping'} {}                      | INVALID_JSON  | There is text after the JSON object
                    {'type':'ping','type':'ping'}           | INVALID_JSON  | The message is not JSON as in RFC 8259
                    {'type':'send','body':'b','ref':NaN}    | INVALID_JSON  | The message is not JSON as in RFC 8259
                    {}                                      | INVALID_FRAME | type: is missing (expected: send, signal, subscribe, unsubscribe, auth or ping)
                    {'type':7}                              | INVALID_FRAME | type: is not a string (expected: a string)
                    {'type':'SEND'}                         | UNKNOWN_TYPE  | type: is not known (expected: send, signal, subscribe, unsubscribe, auth or ping)
                    {'type':'send'}                         | INVALID_FRAME | body: is missing (expected: a string)
                    {'type':'send','body':7}                | INVALID_FRAME | body: is not a string (expected: a string)
                    {'type':'send','body':null}             | INVALID_FRAME | body: is not a string (expected: a string)
                    {'type':'send','body':'b','room':{}}    | INVALID_FRAME | room: is not a string (expected: a string)
                    {'type':'send','body':'b','nick':[]}    | INVALID_FRAME | nick: is not a string (expected: a string)
                    {'type':'send','body':7,'room':7}       | INVALID_FRAME | body: is not a string (expected: a string)
                    {'type':'send','body':{'body':'b'}}     | INVALID_FRAME | body: is not a string (expected: a string)
                    {'type':'subscribe','after':'latest'}   | INVALID_FRAME | room: is missing (expected: a string)
                    {'type':'unsubscribe','room':''}        | INVALID_FRAME | room: is missing (expected: a string)
                    {'type':'subscribe','room':'r','after':7} | INVALID_FRAME | after: is not a string (expected: a string)
                    {'type':'send','body':7,                | INVALID_JSON  | The message is not JSON as in RFC 8259
                    {'type':'send','body':'b','key':1}      | INVALID_FRAME | key: is not a string (expected: a string)
                    """)
    void invalidFramesAreRefused(String json, FrameReason reason, String detail) {
        FrameException refused = refused(json == null ? "" : json);
        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused.detail()).isEqualTo(detail);
    }

    @Test
    void aRefThatIsTooLongOrNotAScalarIsRefused() {
        String detail = "ref: is something else (expected: a string or number of at most 64 characters)";
        assertThat(refused("{'type':'ping','ref':true}").detail()).isEqualTo(detail);
        assertThat(refused("{'type':'ping','ref':[1]}").detail()).isEqualTo(detail);
        assertThat(refused("{'type':'ping','ref':'" + "x".repeat(65) + "'}").detail())
                .isEqualTo(detail);
    }

    @Test
    void deepNestingIsRefused() {
        assertThat(refused("{'x':" + "[".repeat(1_000)).reason()).isEqualTo(FrameReason.INVALID_JSON);
    }

    @Test
    void anErrorRepeatsTheTagReadBeforeTheFault() {
        assertThat(refused("{'ref':1,'key':'k','type':'nothing'}").tag()).isEqualTo(new Tag("k", new Ref("1", true)));
        assertThat(refused("{'type':'send','ref':'a','body':").tag()).isEqualTo(new Tag(null, new Ref("a", false)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'send','body':5,'key':'k','ref':1}",
                "{'type':7,'body':'b','key':'k','ref':1}",
                "{'type':'send','room':[{'ref':2}],'body':{'key':'x','ref':[3]},'ref':1,'key':'k'}",
                "{'type':'send','nick':5,'key':'k','ref':1}",
                "{'type':'nothing','key':'k','ref':1}",
                "{'type':'send','key':'k','ref':1}",
                "{'key':'k','ref':1}",
                "{'type':'send','body':5,'key':'k','ref':1} {}"
            })
    void anErrorRepeatsTheTagAfterTheFault(String json) {
        assertThat(refused(json).tag()).isEqualTo(new Tag("k", new Ref("1", true)));
    }

    private static ClientFrame parse(String json) {
        return FrameParser.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    private static FrameException refused(String json) {
        FrameException refused = catchThrowableOfType(FrameException.class, () -> parse(json));
        assertThat(refused).as(json).isNotNull();
        return refused;
    }
}
