"""Files that people and partners write: tables of text and spreadsheets, on disk or over SFTP."""
