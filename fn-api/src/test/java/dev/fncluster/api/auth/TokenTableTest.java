package dev.fncluster.api.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenTableTest {
  private static final String HASH = "sha256:" + TokenHash.of("t").hex();

  @Test
  void findsTokensByTheirHash() {
    NewToken made = NewToken.make("ci", "read,invoke", Optional.of("B,A"), Optional.empty());
    TokenTable table =
        TokenTable.parse("# all of us\n\nother " + HASH + " scopes=admin\n" + made.line() + "\n");

    TokenEntry found = table.find(TokenHash.of(made.token()));
    assertThat(found).isNotNull();
    assertThat(found.caller().id()).isEqualTo("ci");
    assertThat(found.caller().scopes()).containsExactlyInAnyOrder(Scope.READ, Scope.INVOKE);
    assertThat(found.caller().apps()).contains(Set.of("A", "B"));
    assertThat(found.expires()).isEmpty();
    assertThat(table.find(TokenHash.of(made.token() + "x"))).isNull();
    assertThat(table.size()).isEqualTo(2);
  }

  @Test
  void knowsTheHashOfTheStandard() {
    assertThat(TokenHash.of("abc").hex())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void everyTokenIsAnother() {
    assertThat(NewToken.make("a", "read", Optional.empty(), Optional.empty()).token())
        .isNotEqualTo(NewToken.make("a", "read", Optional.empty(), Optional.empty()).token());
  }

  @Test
  void aNewTokenIsNotInItsText() {
    NewToken made = NewToken.make("a", "read", Optional.empty(), Optional.empty());
    assertThat(made.toString()).doesNotContain(made.token());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ci",
        "ci sha256:12 scopes=read",
        "ci md5:12 scopes=read",
        "ci HASH",
        "ci HASH scopes=",
        "ci HASH scopes=read,root",
        "ci HASH scopes=read,,admin",
        "ci HASH scopes=read apps=",
        "ci HASH scopes=read expires=2027",
        "ci HASH scopes=read scopes=admin",
        "ci HASH scopes=read note=x",
        "c/i HASH scopes=read"
      })
  void linesThatAreWrongAreNamedAndNotShown(String line) {
    String text = "a sha256:" + "0".repeat(64) + " scopes=read\n" + line.replace("HASH", HASH);
    assertThatThrownBy(() -> TokenTable.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("line 2: ")
        .hasMessageNotContaining(HASH);
  }

  @Test
  void nothingStandsThereTwice() {
    String line = "a " + HASH + " scopes=read\n";
    assertThatThrownBy(() -> TokenTable.parse(line + "b " + HASH + " scopes=read"))
        .hasMessage("line 2: another line has the same hash");
    assertThatThrownBy(() -> TokenTable.parse(line + "a sha256:" + "0".repeat(64) + " scopes=read"))
        .hasMessage("line 2: another line has the same name");
  }
}
