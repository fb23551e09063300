package dev.fncluster.datastore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fncluster.api.settings.SettingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MysqlUrlTest {
  @Test
  void takesAllPartsApart() {
    MysqlUrl url =
        MysqlUrl.parse(
            "mysql://us:p@s:s/w%2F?rd@tcp(db.example:3307)/fn-db?tls=skip-verify&timeout=3s"
                + "&readTimeout=500ms&parseTime=true&loc=US%2FPacific&serverSslCert=%2Fca.pem",
            "masked");

    assertThat(url.user()).isEqualTo("us");
    assertThat(url.password()).isEqualTo("p@s:s/w%2F?rd");
    assertThat(url.address()).isEqualTo("db.example:3307");
    assertThat(url.database()).isEqualTo("fn-db");
    assertThat(url.options())
        .containsEntry("sslMode", "trust")
        .containsEntry("connectTimeout", "3000")
        .containsEntry("socketTimeout", "500")
        .containsEntry("serverSslCert", "/ca.pem")
        .hasSize(4);
    assertThat(url).hasToString("mysql://us@tcp(db.example:3307)/fn-db");
  }

  @ParameterizedTest
  @CsvSource({
    "mysql://tcp/db, 127.0.0.1:3306",
    "mysql://u@tcp(host)/db, host:3306",
    "mysql://u:@tcp([::1])/db, [::1]:3306",
    "mysql://u:p@tcp([fe80::1]:3307)/db?, [fe80::1]:3307"
  })
  void knowsWhatIsLeftOut(String text, String address) {
    MysqlUrl url = MysqlUrl.parse(text, "masked");

    assertThat(url.address()).isEqualTo(address);
    assertThat(url.password()).isIn("", "p");
  }

  @Test
  void takesASocket() {
    MysqlUrl url = MysqlUrl.parse("mysql://u:p@unix(/run/my sql.sock)/db", "masked");

    assertThat(url.socket()).isEqualTo("/run/my sql.sock");
    assertThat(url).hasToString("mysql://u@unix(/run/my sql.sock)/db");
    assertThat(MysqlUrl.parse("mysql://u:p@unix/db", "masked").socket())
        .isEqualTo("/tmp/mysql.sock");
  }

  @ParameterizedTest
  @CsvSource({
    "mysql://, it names no database",
    "mysql://u:secret@tcp(h), it names no database",
    "mysql://u:secret@tcp(h)/, it names no database",
    "mysql://u:secret@tcp(h)/d;b, its database's name is not a usable one",
    "mysql://u:secret@h:3306/db, the server's address is not tcp(…) or unix(…)",
    "mysql://u:secret@tcp(h:port)/db, tcp(…) holds no host:port",
    "mysql://u:secret@tcp(h)/db?tls, its option tls has no value",
    "mysql://u:secret@tcp(h)/db?tls=custom, 'its option tls is none of true, false, skip-verify,"
        + " preferred'",
    "mysql://u:secret@tcp(h)/db?timeout=soon, its option timeout is no duration such as 5s",
    "mysql://u:secret@tcp(h)/db?loc=%zz, an option has a percent sign without two hex digits",
    "mysql://u:secret@tcp(h)/db?sql_mode=x, its option sql_mode is not known"
  })
  void refusesWhatItDoesNotUnderstand(String url, String why) {
    assertThatThrownBy(() -> MysqlUrl.parse(url, "mysql://u:***@h"))
        .isInstanceOf(SettingException.class)
        .hasMessage(
            "storage url mysql://u:***@h can't be used ("
                + why
                + "); expected mysql://user:password@tcp(host:port)/database")
        .hasMessageNotContaining("secret");
  }
}
