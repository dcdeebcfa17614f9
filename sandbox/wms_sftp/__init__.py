"""A warehouse of the old kind: it takes orders as files over SFTP, and answers with files."""

from sandbox.wms_sftp.vendor import WmsSftpVendor

__all__ = ["WmsSftpVendor"]
